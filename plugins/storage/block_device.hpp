// The device or file under test, as the host has opened it.
#pragma once

#include <algorithm>
#include <assay/plugin.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "held_bytes.hpp"

namespace storage {

/// Throws assay::Skip where there is nothing that could be read.
class BlockDevice {
 public:
  /// The target's device; for a stand-in, a healthy file of 8 MiB in the artifact folder.
  explicit BlockDevice(const assay::Trial& trial);
  ~BlockDevice();
  BlockDevice(const BlockDevice&) = delete;
  BlockDevice& operator=(const BlockDevice&) = delete;

  int descriptor() const { return file_; }
  uint64_t bytes() const { return bytes_; }
  /// Throws std::runtime_error when it holds less than when the run began.
  void must_not_shrink() const { held_->must_not_shrink(); }
  /// What it holds, or held when the run began: whichever is more.
  uint64_t most_bytes() const { return std::max(held_->at_start(), held_->now()); }
  std::string growth() const { return held_->growth(); }
  /// Bytes of its smallest block; offsets, lengths and addresses of reads are multiples of it.
  unsigned sector() const { return sector_; }
  /// The number of the block at an offset, as the device counts (LBA); in a file, blocks of 512 bytes.
  uint64_t block(uint64_t offset) const { return offset / address_unit_; }
  /// False where reads go through the page cache, which can answer in the device's place.
  bool direct() const { return direct_; }
  /// "/dev/sda", or the file's path.
  const std::string& path() const { return path_; }
  /// "block 1234 (byte 631808) of /dev/sda".
  std::string place(uint64_t offset) const;

 private:
  void measure();
  int file_ = -1;
  uint64_t bytes_ = 0;
  unsigned sector_ = 512, address_unit_ = 512;
  bool direct_ = false;
  std::string path_;
  std::optional<HeldBytes> held_;
};

/// Says, as a note, that it has grown.
void tell_if_grown(const BlockDevice& device, const assay::Trial& trial);
/// Says, as a note, that the page cache stood between the test and the device.
void tell_if_cached(const BlockDevice& device, const assay::Trial& trial);

}  // namespace storage
