// Direct reads through io_uring, with the file and the buffers registered once, so that a read costs no look-ups.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "block_device.hpp"

namespace storage {

struct Read {
  unsigned slot = 0;
  uint64_t offset = 0;
  unsigned bytes = 0;
  double submitted = 0, completed = 0;  // seconds of the monotonic clock
  int error = 0;                        // errno; 0: good. Data that end early are EIO
  double seconds() const { return completed - submitted; }
};

/// Seconds of the monotonic clock.
double now();

class ReadRing {
 public:
  /// At most `depth` reads at once, of at most `most_bytes` each. Throws assay::Skip where io_uring is not to be had.
  ReadRing(const BlockDevice& device, unsigned depth, unsigned most_bytes);
  ~ReadRing();
  ReadRing(const ReadRing&) = delete;
  ReadRing& operator=(const ReadRing&) = delete;

  bool has_free_slot() const { return !free_.empty(); }
  unsigned in_flight() const { return in_flight_; }
  /// Queues a read; it is handed over to Linux with the next wait(). The clock starts now.
  void submit(uint64_t offset, unsigned bytes);
  /// Waits for a read to come back, `seconds` at most; false when none did. Throws assay::Skip when Linux refuses such
  /// reads (EINVAL: an alignment that it does not tell), std::runtime_error when it cannot make them (no memory, no
  /// right), or the device has gone away or become smaller: that says nothing of the device.
  bool wait(double seconds, Read& done);

  /// Reads that have been out for longer than `seconds` are given up: their slots are never used again, since Linux may
  /// still write into them. Returns them.
  std::vector<Read> abandon(double seconds);

 private:
  struct Uring;
  std::unique_ptr<Uring> uring_;
  bool take_completion(double seconds, unsigned& slot, int& result);
  const BlockDevice& device_;
  int file_;
  unsigned most_bytes_, in_flight_ = 0, lost_ = 0;
  bool fixed_buffers_ = false, fixed_file_ = false;
  unsigned char* buffers_ = nullptr;
  std::vector<Read> reads_;  // by slot
  std::vector<bool> out_;
  std::vector<unsigned> free_;
};

}  // namespace storage
