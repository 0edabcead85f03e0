#include "cores.hpp"

#include <sched.h>

#include <array>
#include <cstddef>

namespace assay::runner {
namespace {

/// Linux is built for 8,192 processors at most; the C library's own set ends at 1,024.
constexpr int most_cores = 8192;
using Cores = std::array<cpu_set_t, most_cores / CPU_SETSIZE>;

}  // namespace

bool pin_to_core(int os_index) {
  if (os_index < 0 || os_index >= most_cores) return false;
  Cores cores{};
  CPU_SET_S(static_cast<size_t>(os_index), sizeof cores, cores.data());
  return sched_setaffinity(0, sizeof cores, cores.data()) == 0;
}

bool may_use_core(int os_index) {
  Cores cores{};
  // Where it cannot be asked, nothing is held against anybody.
  return sched_getaffinity(0, sizeof cores, cores.data()) != 0 ||
         CPU_ISSET_S(static_cast<size_t>(os_index), sizeof cores, cores.data());
}

}  // namespace assay::runner
