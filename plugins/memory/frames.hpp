// Which frames of physical memory were tested. A frame is a page of 4 KiB by its physical number; only root may see
// these.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace memory {

/// The physical address behind a virtual one; 0 where it is not known (needs root).
uint64_t physical_address(const void* address);

/// Linux's name for the time since it was started.
std::string boot_id();

/// A set of frames, one bit each. Not thread-safe.
class Frames {
 public:
  /// Adds the frames behind a range that is present in memory. Returns how many were new; 0 where they cannot be seen.
  size_t add(const void* address, size_t bytes);
  /// How many of the frames behind a range are in the set already.
  size_t known(const void* address, size_t bytes) const;

  /// Adds the frames that a file holds: a name of 64 bytes, then one bit each from frame 0 on. The name is that of the
  /// time since Linux was started: before it the modules may have been others, so such a file counts as empty.
  void add_from(int file, const std::string& boot = boot_id());
  /// Adds them, and makes the file hold all of this set; other processes may do the same at the same time.
  void merge_with(int file, const std::string& boot = boot_id());

  /// The frames that are in this set and not in `other`, as ranges of physical addresses, end excluded, in order; the
  /// first `most` of them.
  std::vector<std::pair<uint64_t, uint64_t>> ranges_beyond(const Frames& other, size_t most) const;

  size_t count() const { return count_; }
  uint64_t bytes() const { return count_ * uint64_t{4096}; }
  /// Bytes that this set takes.
  size_t overhead() const { return bits_.capacity() * sizeof bits_[0]; }

 private:
  bool insert(uint64_t frame);
  std::vector<uint64_t> bits_;
  size_t count_ = 0;
};

}  // namespace memory
