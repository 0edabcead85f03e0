// Lets the signal for a file that may not grow end it.
#include <fcntl.h>
#include <unistd.h>

#include <csignal>

#include "hostile.hpp"

HOSTILE_RUN {
  std::signal(SIGXFSZ, SIG_DFL);
  const int file = open("large", O_WRONLY | O_CREAT, 0600);
  if (ftruncate(file, off_t{1} << 40) == 0) trial->measure(trial, "count", 0);
  return ASSAY_OK;
}
