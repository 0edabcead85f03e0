// The table of mounted file systems.
#pragma once

#include <string>
#include <vector>

#include "inventory/system_root.hpp"

namespace assay::inventory {

struct Mount {
  std::string number;  // "8:1"; of btrfs and its like, one that no device has
  std::string source;  // the device's name, "sda1" or "dm-0", where the mount has one
  std::string point;
  bool writable = false;
};

/// From /proc/self/mountinfo, or /proc/mounts in a captured tree that has no more.
std::vector<Mount> read_mounts(const SystemRoot& root);

}  // namespace assay::inventory
