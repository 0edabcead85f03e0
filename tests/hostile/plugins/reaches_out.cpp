// Tries every way out of its cage that is a system call: device nodes and links, the host's limits, signals by way of a
// descriptor's owner, the host's shared block. Passes when each is refused.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <csignal>

#include "hostile.hpp"

HOSTILE_RUN {
  int done = 0;
  const auto refused = [&](const char* what, bool was_refused) {
    if (was_refused) return;
    ++done;
    hostile_host->log(ASSAY_WARNING, what);
  };
  refused("mknod", mknod("disk", S_IFBLK | 0600, makedev(254, 0)) != 0);
  refused("mkfifo", mkfifo("pipe", 0600) != 0);
  refused("symlink", symlink("../../journal.jsonl", "series-0.f64") != 0);
  refused("link", link("/etc/hostname", "linked") != 0);
  // Harmless if it works: the limit that the host has already.
  rlimit now{};
  getrlimit(RLIMIT_FSIZE, &now);
  refused("prlimit", prlimit(getppid(), RLIMIT_FSIZE, &now, nullptr) != 0);
  int ends[2];
  if (pipe(ends) == 0) {
    refused("F_SETOWN", fcntl(ends[0], F_SETOWN, getppid()) != 0);
    refused("F_SETSIG", fcntl(ends[0], F_SETSIG, SIGUSR1) != 0);
    int owner = getppid();
    refused("FIOSETOWN", ioctl(ends[0], FIOSETOWN, &owner) != 0);
  }
  // The host's own mapping of the shared block is as large as it was: seals cannot be undone.
  for (int fd = 3; fd < 32; ++fd)
    if (fcntl(fd, F_GET_SEALS) > 0) refused("ftruncate", ftruncate(fd, 0) != 0);
  trial->measure(trial, "count", done);
  return ASSAY_OK;
}
