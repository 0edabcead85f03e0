// What is on a device, as far as its first looks tell: asked before anything overwrites it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace assay::inventory {

struct Content {
  enum class Kind {
    empty,    // no known format, and samples of it are blank
    data,     // a partition table, a file system, or anything else that is not blank
    member,   // a part of something larger: RAID, LVM, ZFS, btrfs over several devices, an encrypted volume
    unknown,  // it could not be looked at
  };
  Kind kind = Kind::unknown;
  std::string what;  // "format ext4", "a partition table (gpt), format linux_raid_member (partition 1)"; no labels
  /// One for each format that was found, at most 128: a hash of its kind, its place, its UUID and its superblock, which
  /// holds its last write. Two looks give the same mark only for the same file system that nobody used in between.
  std::vector<std::string> marks;
  /// SHA-256 in hex of the first and the last MiB; empty where a part of them cannot be read.
  std::string digest;
};

/// Looks at a device or a file that is open for reading, with libblkid and by samples. Leaves its flags as they
/// were.
Content content_of(int fd, uint64_t bytes);

}  // namespace assay::inventory
