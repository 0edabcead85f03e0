// Where on its disk a part of a file lies.
#pragma once

#include <cstdint>
#include <string>

namespace storage {

/// "block 1234 (byte 631808) of sda", where the file system tells (FIEMAP) and lies on the disk or a partition of it;
/// else "byte 4096 of the test's file".
std::string place_in_file(int file, uint64_t offset);

/// The bytes by which a device counts its blocks (LBA); 512 for a file.
unsigned sector_of(int file);

}  // namespace storage
