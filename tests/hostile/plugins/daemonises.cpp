// Its manifest asks for helper programs; it leaves one in a session of its own.
#include <sys/wait.h>
#include <unistd.h>

#include "hostile.hpp"
HOSTILE_RUN {
  const pid_t child = fork();
  if (child == 0) {
    setsid();
    if (fork() == 0)
      while (true) pause();
    _exit(0);
  }
  waitpid(child, nullptr, 0);
  trial->measure(trial, "count", 0);
  return ASSAY_OK;
}
