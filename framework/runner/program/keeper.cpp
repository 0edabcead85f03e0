#include "keeper.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "carry.hpp"
#include "runner/process.hpp"
#include "runner/spec.hpp"

namespace assay::runner {
namespace {

/// Ends all others in this namespace, and says how many there were: whoever they were started by, they become children
/// of its first process.
int end_others() {
  int count = 0;
  kill(-1, SIGKILL);
  while (waitpid(-1, nullptr, 0) > 0) ++count;
  return count;
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

}  // namespace

void keep(pid_t trial, const Fence& fence) {
  // Whoever is asked to end is the trial, not this.
  signal(SIGTERM, SIG_IGN);
  for (int fd = 0; fd < first_free_fd; ++fd)
    if (fd != ending_fd && (fd != artifacts_fd || fence.carry_to < 0)) close(fd);
  Ending ending;
  rusage used{};
  while (true) {
    int status = 0;
    rusage usage{};
    const pid_t pid = wait4(-1, &status, WUNTRACED, &usage);
    if (pid < 0) _exit(1);
    if (WIFSTOPPED(status)) {
      kill(pid, SIGCONT);
      if (pid == trial) ++ending.continued;
    } else if (pid == trial) {
      ending.status = status;
      used = usage;
      break;
    }
  }
  // What it left and has ended meanwhile is not running any more.
  while (waitpid(-1, nullptr, WNOHANG) > 0) {
  }
  if (fence.own_pids) ending.left = end_others();
  if (fence.carry_to >= 0) carry_artifacts(artifacts_fd, fence.carry_to);
  ending.cpu_seconds = seconds(used.ru_utime) + seconds(used.ru_stime);
  ending.most_memory = static_cast<uint64_t>(used.ru_maxrss) << 10;
  if (write(ending_fd, &ending, sizeof ending) != sizeof ending) _exit(1);
  _exit(0);
}

}  // namespace assay::runner
