#include <unistd.h>

#include <csignal>

#include "hostile.hpp"
HOSTILE_RUN {
  kill(-getpgid(getppid()), SIGKILL);
  kill(getppid(), SIGKILL);
  kill(-1, SIGKILL);
  trial->measure(trial, "count", 0);
  return ASSAY_OK;
}
