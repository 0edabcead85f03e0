// A chain of processes, each of which makes the next and ends, for as long as it is let: it may start processes.
#include <unistd.h>

#include <csignal>

#include "hostile.hpp"

HOSTILE_RUN {
  if (fork() == 0) {
    signal(SIGTERM, SIG_IGN);
    setsid();
    while (fork() == 0) {
    }
    usleep(1000);
    while (true)
      if (fork() != 0) _exit(0);
  }
  trial->measure(trial, "count", 0);
  return ASSAY_OK;
}
