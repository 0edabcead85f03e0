// Clocks, in seconds.
#pragma once

#include <ctime>

namespace cpu {

inline double seconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}
inline double wall_seconds() { return seconds(CLOCK_MONOTONIC); }
inline double cpu_seconds() { return seconds(CLOCK_THREAD_CPUTIME_ID); }

}  // namespace cpu
