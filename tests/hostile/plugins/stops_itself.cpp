// Stops; goes on when it is continued.
#include <unistd.h>

#include <csignal>

#include "hostile.hpp"
HOSTILE_RUN {
  raise(SIGSTOP);
  trial->measure(trial, "count", 0);
  return ASSAY_OK;
}
