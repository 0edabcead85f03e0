#include "orphans.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <iterator>
#include <set>
#include <sstream>
#include <vector>

#include "core/apart.hpp"
#include "core/text.hpp"

namespace assay::engine {
namespace {

std::set<pid_t>& runners() {
  static std::set<pid_t> pids;
  return pids;
}

/// Kills a child and waits for its end, but not for ever: false when it hangs in the kernel.
bool end(pid_t child) {
  kill(child, SIGKILL);
  for (int wait = 0; wait < 100; ++wait) {
    if (waitpid(child, nullptr, WNOHANG) != 0) return true;
    usleep(1000);
  }
  return false;
}

std::vector<pid_t> children() {
  const std::string list = "/proc/self/task/" + std::to_string(getpid()) + "/children";
  std::istringstream text(core::read_file(list).value_or(""));
  return {std::istream_iterator<pid_t>(text), std::istream_iterator<pid_t>()};
}

/// Children that were there before the first trial: none of Assay's business.
std::set<pid_t>& strangers() {
  static std::set<pid_t> pids;
  return pids;
}

/// Children that did not end when they were killed: told once, and left behind.
std::set<pid_t>& hanging() {
  static std::set<pid_t> pids;
  return pids;
}

/// Ends the orphans for which `is_ours(pid)` holds. Ending one can make another an orphan: again, until a look finds
/// none.
template <class IsOurs>
Orphans end_where(IsOurs is_ours) {
  Orphans orphans;
  for (int look = 0; look < 100; ++look) {
    bool found = false;
    for (const pid_t child : children()) {
      if (runners().count(child) != 0 || strangers().count(child) != 0 || core::is_left_behind(child) ||
          hanging().count(child) != 0 || !is_ours(child))
        continue;
      if (waitpid(child, nullptr, WNOHANG) == child) continue;  // it had ended by itself
      found = true;
      if (end(child))
        ++orphans.ended;
      else
        ++orphans.hanging, hanging().insert(child);
    }
    if (!found) break;
  }
  return orphans;
}

}  // namespace

void adopt_orphans() {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  for (const pid_t child : children()) strangers().insert(child);
}
void expect_runner(pid_t pid) { runners().insert(pid); }
void forget_runner(pid_t pid) { runners().erase(pid); }

Orphans end_orphans(const std::string& trial_id) {
  const std::string mark = "ASSAY_TRIAL=";
  const bool alone = runners().size() <= 1;
  return end_where([&](pid_t child) {
    const std::string environment = '\0' + core::read_file("/proc/" + std::to_string(child) + "/environ").value_or("");
    if (environment.find('\0' + mark) == std::string::npos) return alone;
    return environment.find('\0' + mark + trial_id + '\0') != std::string::npos;
  });
}

void end_all_orphans() {
  end_where([](pid_t) { return true; });
}

}  // namespace assay::engine
