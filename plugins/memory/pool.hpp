// Takes the machine's free memory piece by piece, locked, without pushing the machine into swap or the OOM killer, and
// keeps every piece until it is given back, so that each new one lies in other frames.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "workers.hpp"

namespace memory {

struct Piece {
  uint64_t* words = nullptr;
  size_t lines = 0;
  size_t bytes() const { return lines * 64; }
  explicit operator bool() const { return words != nullptr; }
};

/// Bytes that Linux could give this process now, and all that it could ever have: /proc/meminfo, and what the limits of
/// its control groups leave (cgroups(7), both versions), since beyond these the OOM killer comes. `root`: for tests.
struct Amounts {
  uint64_t available = 0, total = 0;
};
Amounts amounts(const std::string& root = "");

class Pool {
 public:
  /// Hands out at most `share` of what is available now. A reserve of 256 MiB or a twentieth of all memory, whichever
  /// is greater, stays free.
  Pool(const Workers& workers, double share, size_t piece_bytes);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// The next piece, from memory near the worker, present and locked; none when the share is used up or the machine
  /// needs the rest. From any thread.
  Piece take(int worker);
  /// Everything that was taken and not given back. Not while others take.
  const std::vector<Piece>& taken() const { return pieces_; }
  /// Gives everything back, so that the next pieces can lie elsewhere.
  void give_back();

  size_t piece_bytes() const { return piece_bytes_; }
  bool took_any() const { return took_any_; }
  /// The most bytes that were held at one time.
  uint64_t most_bytes() const { return most_bytes_; }
  /// Seconds that the workers spent on getting and locking memory, added up.
  double locking_seconds() const { return static_cast<double>(locking_ns_.load()) * 1e-9; }
  /// False when a piece could not be locked: it could have been swapped out.
  bool all_locked() const { return all_locked_; }

 private:
  const Workers& workers_;
  size_t piece_bytes_;
  uint64_t budget_, reserve_, claimed_ = 0;
  std::atomic<uint64_t> most_bytes_{0};
  uint64_t pending_ = 0;  // claimed, and not yet present
  std::atomic<int64_t> locking_ns_{0};
  std::atomic<bool> all_locked_{true}, took_any_{false};
  std::mutex lock_;
  std::vector<Piece> pieces_;
};

}  // namespace memory
