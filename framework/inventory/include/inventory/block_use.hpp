// What a block device, or a file that stands for one, is in use for right now: asked before anything writes to it.
#pragma once

#include <string>
#include <vector>

#include "inventory/system_root.hpp"

namespace assay::inventory {

struct BlockUse {
  bool system = false;               // the running system lives on it
  std::vector<std::string> reasons;  // "sdb1 is mounted", "sdb2 is swap space"; empty: nothing uses it
};

/// Uses of a device ("/dev/sdb", with all of its partitions and whatever is built on them) or of a regular file (swap,
/// a loop device). Names no mount points: they can hold a person's name.
BlockUse block_use(const SystemRoot& root, const std::string& path);

/// A folder in a file system that lies on this disk alone and is mounted for writing; the one with the most space, of
/// the machine itself. Empty: there is none.
std::string writable_folder(const SystemRoot& root, const std::string& path);

/// The serial number of a disk ("sdb"), as the device or udev gives it.
std::string disk_serial(const SystemRoot& root, const std::string& name);

}  // namespace assay::inventory
