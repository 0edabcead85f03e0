// The cores that this process may use, and threads that stay on them.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace cpu {

/// By the operating system's numbers, in order.
std::vector<int> usable_cores();
/// Keeps the calling thread on a core. False when that is refused.
bool pin_to(int core);
/// Runs `work(place)` for each core at once, on a thread pinned to cores[place], and waits. Throws std::runtime_error
/// when a thread cannot be had.
void run_on(const std::vector<int>& cores, const std::function<void(size_t place)>& work);

/// Who is wrong among several that computed the same.
struct Vote {
  std::vector<size_t> outvoted;  // places whose value is not that of the majority
  bool decided = true;           // false: no majority of at least two stands against the rest
};
/// Votes on values; all alike: nobody is outvoted.
Vote vote(const std::vector<std::string>& values);

}  // namespace cpu
