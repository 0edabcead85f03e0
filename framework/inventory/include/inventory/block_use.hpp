// What a block device, or a file that stands for one, is in use for right now: asked before anything writes to it.
#pragma once

#include <cstdint>
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

/// A folder in a file system that is mounted for writing and lies on this disk alone (or is this partition); on the
/// largest, where there are several. Opens nothing.
struct WritableFolder {
  std::string path;       // empty: there is none
  uint64_t mount_id = 0;  // as statx(2) tells it of every file there; 0: not known
};
WritableFolder writable_folder(const SystemRoot& root, const std::string& path);

/// The serial number of a disk ("sdb"), as the device or udev gives it.
std::string disk_serial(const SystemRoot& root, const std::string& name);
/// Its world-wide name ("naa.5000c500a1b2c3d4"); empty: it has none.
std::string disk_wwn(const SystemRoot& root, const std::string& name);

/// What tells a disk ("sdb") from every other, as far as it says so itself.
struct DiskName {
  std::string serial, wwn;
  bool own = false;        // one of them is no placeholder, and no other disk here has it
  bool removable = false;  // the medium can be exchanged, or Linux believes so: they may be the reader's
};
DiskName disk_name(const SystemRoot& root, const std::string& name);

}  // namespace assay::inventory
