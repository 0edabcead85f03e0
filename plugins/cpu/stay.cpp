#include "stay.hpp"

#include <charconv>
#include <fstream>
#include <vector>

#include "cores.hpp"

namespace cpu {
namespace {

std::string why_gone(int core, const std::string& root) {
  std::string online;
  std::ifstream(root + "/sys/devices/system/cpu/cpu" + std::to_string(core) + "/online") >> online;
  return online == "0" ? "Linux has taken it offline"
                       : "it was taken from this process (a cpuset, or taskset), or was offline for a while";
}

}  // namespace

CoreGone::CoreGone(int core, const std::string& root)
    : std::runtime_error("core " + std::to_string(core) + " went away in mid-test: " + why_gone(core, root) +
                         "; this trial says nothing of it") {}

bool Stay::kept() {
  look();
  if (core_ >= 0 && usable_cores() != std::vector<int>{core_}) left_ = true;
  return !left_;
}

int core_number(const std::string& os_index) {
  int core = -1;
  const auto [end, fault] = std::from_chars(os_index.data(), os_index.data() + os_index.size(), core);
  return fault == std::errc() && end == os_index.data() + os_index.size() ? core : -1;
}

}  // namespace cpu
