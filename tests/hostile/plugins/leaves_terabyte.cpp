// Leaves a file that claims a terabyte, without the host's limits on files where it can lift them.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>

#include "hostile.hpp"

HOSTILE_RUN {
  const rlimit none{RLIM_INFINITY, RLIM_INFINITY};
  const bool lifted = setrlimit(RLIMIT_FSIZE, &none) == 0;
  const int file = open("sparse", O_WRONLY | O_CREAT, 0600);
  if (ftruncate(file, off_t{1} << 40) != 0) hostile_host->log(ASSAY_WARNING, lifted ? "refused" : "not lifted");
  close(file);
  trial->measure(trial, "count", 0);
  return ASSAY_OK;
}
