// What is on a device, as far as its first looks tell: asked before anything overwrites it.
#pragma once

#include <cstdint>
#include <string>

namespace assay::inventory {

struct Content {
  enum class Kind {
    empty,    // no known format, and samples of it are blank
    data,     // a partition table, a file system, or anything else that is not blank
    member,   // a part of something larger: RAID, LVM, ZFS, an encrypted volume
    unknown,  // it could not be looked at
  };
  Kind kind = Kind::unknown;
  std::string what;  // "format ext4", "a partition table (gpt), format linux_raid_member (partition 1)"; no labels
};

/// Looks at a device or a file that is open for reading, with libblkid and by samples. Leaves its flags as they
/// were.
Content content_of(int fd, uint64_t bytes);

}  // namespace assay::inventory
