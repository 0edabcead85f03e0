// Gets the very signal that the kernel sends when memory is broken (BUS_MCEERR_AR), by sending it to itself.
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

#include "hostile.hpp"
HOSTILE_RUN {
  siginfo_t info{};
  info.si_signo = SIGBUS;
  info.si_code = BUS_MCEERR_AR;
  info.si_addr = reinterpret_cast<void*>(0x123456789000);
  syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(), SIGBUS, &info);
  return ASSAY_OK;
}
