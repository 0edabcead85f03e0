// The run's clock: monotonic, in nanoseconds.
#pragma once

#include <cstdint>
#include <ctime>

namespace assay::core {

inline int64_t nanoseconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}
inline int64_t monotonic_ns() { return nanoseconds(CLOCK_MONOTONIC); }
inline int64_t wall_ns() { return nanoseconds(CLOCK_REALTIME); }
inline double seconds_since(int64_t start_ns) { return static_cast<double>(monotonic_ns() - start_ns) * 1e-9; }

}  // namespace assay::core
