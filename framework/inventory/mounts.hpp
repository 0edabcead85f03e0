// The table of mounted file systems.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "inventory/system_root.hpp"

namespace assay::inventory {

struct Mount {
  uint64_t id = 0;     // as statx(2) tells it; 0: not known
  std::string number;  // "8:1"; of btrfs and its like, one that no device has
  std::vector<std::string>
      sources;  // names of its devices, "sda1" or "dm-0"; of btrfs and bcachefs there can be several
  std::string point;
  bool writable = false;
};

/// From /proc/self/mountinfo, or /proc/mounts in a captured tree that has no more.
std::vector<Mount> read_mounts(const SystemRoot& root);

}  // namespace assay::inventory
