// Whether a thread has stayed on the core that it was pinned to. When that core goes offline, or is taken from this
// process (a cpuset, `taskset -p`), Linux moves the thread to another one and says nothing; what it computes from then
// on says nothing of the core.
#pragma once

#include <sched.h>

#include <stdexcept>
#include <string>

namespace cpu {

/// Trouble, and no verdict: Linux has taken a core away while it was tested.
struct CoreGone : std::runtime_error {
  /// `root` is the folder in which /sys is looked for, for tests.
  explicit CoreGone(int core, const std::string& root = "");
};

/// For the calling thread, which has just been pinned to the core.
class Stay {
 public:
  /// Below 0: pinned to no core, and always where it belongs.
  explicit Stay(int core) : core_(core) { look(); }
  /// Cheap enough for loops of work: each stretch between two looks is short. Seen elsewhere once is enough.
  void look() {
    if (core_ >= 0 && sched_getcpu() != core_) left_ = true;
  }
  /// At the end of the work: true when it was always there, and Linux still keeps it there and nowhere else.
  bool kept();
  bool left() const { return left_; }
  int core() const { return core_; }

 private:
  int core_;
  bool left_ = false;
};

/// The core of a target, from its attribute "os_index"; -1 where it is no core.
int core_number(const std::string& os_index);

}  // namespace cpu
