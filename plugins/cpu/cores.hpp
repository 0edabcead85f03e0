// The cores that this process may use, and threads that stay on them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "stay.hpp"

namespace cpu {

/// By the operating system's numbers, in order. Throws std::runtime_error when they cannot be known.
std::vector<int> usable_cores();
/// Keeps the calling thread on a core. False when that is refused.
bool pin_to(int core);
/// Runs `work(place, stay)` for each core at once, on a thread pinned to cores[place], and waits. Throws CoreGone when
/// a thread was not on its core from beginning to end; work that takes long looks at `stay` between its steps. Throws
/// std::runtime_error when a thread cannot be had.
void run_on(const std::vector<int>& cores, const std::function<void(size_t place, Stay& stay)>& work);

/// Who is wrong among several that computed the same.
struct Vote {
  std::vector<size_t> outvoted;  // places whose value is not that of the majority
  bool decided = true;           // false: no majority of at least two stands against the rest
};
/// Votes on values; all alike: nobody is outvoted.
Vote vote(const std::vector<std::string>& values);

/// Who is to blame for values that differ.
struct Blame {
  std::vector<size_t> wrong;      // places; all whose values differ where it cannot be decided
  size_t sound = 0, example = 0;  // a value that counts as right, and one that differs from it
  bool decided = true;
  bool by_repeat = false;  // decided because the wrong ones did not get the same again
};
/// By majority; where there is none, as with two cores, `again` computes all values once more, some times, and who does
/// not agree with itself is wrong.
Blame blame(const std::vector<std::string>& values, const std::function<std::vector<std::string>()>& again);

}  // namespace cpu
