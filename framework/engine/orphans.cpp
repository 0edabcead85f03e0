#include "orphans.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <set>
#include <sstream>

#include "core/text.hpp"

namespace assay::engine {
namespace {

std::set<pid_t>& runners() {
  static std::set<pid_t> pids;
  return pids;
}

/// Kills a child and waits for its end, but not for ever: a process can hang in the kernel.
void end(pid_t child) {
  kill(child, SIGKILL);
  for (int wait = 0; wait < 100 && waitpid(child, nullptr, WNOHANG) == 0; ++wait) usleep(1000);
}

}  // namespace

void adopt_orphans() { prctl(PR_SET_CHILD_SUBREAPER, 1); }
void expect_runner(pid_t pid) { runners().insert(pid); }
void forget_runner(pid_t pid) { runners().erase(pid); }

int end_orphans(const std::string& trial_id) {
  const std::string mark = "ASSAY_TRIAL=" + trial_id;
  const std::string list = "/proc/self/task/" + std::to_string(getpid()) + "/children";
  int ended = 0;
  // Ending one can make another an orphan: again, until a look finds none.
  for (int look = 0; look < 100; ++look) {
    bool found = false;
    std::istringstream children(core::read_file(list).value_or(""));
    for (std::string pid; children >> pid;) {
      const auto number = static_cast<pid_t>(std::stol(pid));
      if (runners().count(number) != 0) continue;
      const std::string environment = core::read_file("/proc/" + pid + "/environ").value_or("");
      if (!environment.empty() && environment.find(mark + '\0') == std::string::npos) continue;
      if (waitpid(number, nullptr, WNOHANG) == number) continue;  // it had ended by itself
      found = true;
      ++ended;
      end(number);
    }
    if (!found) break;
  }
  return ended;
}

}  // namespace assay::engine
