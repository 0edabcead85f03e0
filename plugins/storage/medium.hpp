// What a writing test writes to and reads back: a file of its own in free space, or a whole device, as the host has
// handed it over.
#pragma once

#include <assay/plugin.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "held_bytes.hpp"

namespace storage {

/// Memory that direct reads and writes can use, of whole pages.
class PageBuffer {
 public:
  explicit PageBuffer(size_t bytes);
  unsigned char* data() const { return bytes_.get(); }

 private:
  struct Free {
    void operator()(unsigned char* bytes) const;
  };
  std::unique_ptr<unsigned char[], Free> bytes_;
};

/// The calls give 0, or the errno with which the medium itself failed. They throw where the failure says nothing of
/// the medium: assay::Skip when Linux refuses such a call, std::runtime_error when the device has gone away or become
/// smaller.
class Medium {
 public:
  enum class Kind { scratch, device };
  /// The target's; for a stand-in a file of 8 MiB in the artifact folder. Throws assay::Skip.
  Medium(const assay::Trial& trial, Kind kind);
  ~Medium();
  Medium(const Medium&) = delete;
  Medium& operator=(const Medium&) = delete;

  /// Bytes that it holds, or (a scratch file) may come to hold.
  uint64_t bytes() const { return bytes_; }
  /// Bytes of which offsets and lengths must be multiples: 4096.
  static constexpr unsigned piece = 4096;
  bool direct() const { return direct_; }
  /// A file that stands for a device: it can run out of room without being at fault.
  bool is_file() const { return is_file_; }

  /// ENOSPC where there is no more room, EROFS where it has become read-only: that alone is no fault of the device.
  int write(uint64_t offset, const unsigned char* data, size_t count);
  int read(uint64_t offset, unsigned char* data, size_t count);
  /// Throws std::runtime_error when the device holds less than at the start: what was found may be of the parts that it
  /// has lost.
  void must_not_shrink() const { held_->must_not_shrink(); }
  std::string growth() const { return held_->growth(); }
  /// Until the device says that it has written all of it.
  int flush();
  /// Opens it anew, so that nothing of what was written is answered from memory that belongs to this descriptor; what
  /// Linux has cached is let go.
  void reopen();

  /// "block 1234 (byte 631808) of /dev/sda"; of a scratch file the block of the disk where that can be told.
  std::string place(uint64_t offset) const;

 private:
  void take_device(const assay::Trial& trial);
  void refuse_memory() const;
  int failed(int fault) const;

  Kind kind_;
  int file_ = -1, write_file_ = -1;
  uint64_t bytes_ = 0;
  bool direct_ = false, is_file_ = true;
  std::string path_;
  std::optional<HeldBytes> held_;
};

/// Says, as a note, that it has grown.
void tell_if_grown(const Medium& medium, const assay::Trial& trial);
/// Says, as a note, that the page cache stood between the test and the device.
void tell_if_cached(const Medium& medium, const assay::Trial& trial);

}  // namespace storage
