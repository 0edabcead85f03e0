// Calls its finding as the host calls the kernel's, which count whatever becomes of a trial; and crashes.
#include <csignal>

#include "hostile.hpp"
HOSTILE_RUN {
  trial->finding(trial, ASSAY_FAIL, "kernel:machine-check", "The processor reported a machine check.", nullptr);
  std::raise(SIGSEGV);
  return ASSAY_OK;
}
