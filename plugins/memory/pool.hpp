// Takes the machine's free memory piece by piece, without pushing it into swap or the OOM killer, and keeps every piece
// until the end, so that each new one lies in other frames.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

namespace memory {

struct Piece {
  uint64_t* words = nullptr;
  size_t count = 0;  // words
  explicit operator bool() const { return words != nullptr; }
};

/// Bytes that Linux could give now, and all that it has (/proc/meminfo).
struct Amounts {
  uint64_t available = 0, total = 0;
};
Amounts amounts();

class Pool {
 public:
  /// Will hand out at most `share` of what is available now. A reserve of 256 MiB or a twentieth of all memory,
  /// whichever is greater, stays free.
  Pool(double share, size_t piece_bytes);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// The next piece; none when the share is used up or the machine needs the rest. From any thread.
  Piece take();
  /// Everything that was taken so far.
  std::vector<Piece> taken() const;
  uint64_t bytes() const;

 private:
  size_t piece_bytes_;
  uint64_t budget_, reserve_;
  mutable std::mutex lock_;
  std::vector<Piece> pieces_;
};

/// The physical address behind a virtual one, 0 where this may not be known (needs root).
uint64_t physical_address(const void* address);

}  // namespace memory
