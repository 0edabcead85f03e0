// What a device holds, or a file that stands for one. It can change under a test: a loop device, a volume or a network
// disk is made smaller, a file is cut off, another card is put into the reader.
//
// Such a change is no fault of the hardware: the size is what Linux was told, and people change it. (A drive whose
// firmware loses its capacity does so with a reset; of that the kernel's log speaks, and that counts.) But nothing can
// be said of a device that was another one in mid-test: it is trouble.
#pragma once

#include <cstdint>
#include <string>

namespace storage {

class HeldBytes {
 public:
  /// `file`: a device or file, which stays open; at least `expected` bytes, where that is known (0: not known), are
  /// what it held before. `under`: not its own size counts but that of the device on which it lies.
  explicit HeldBytes(int file, uint64_t expected = 0, bool under = false);

  /// 0 where it is not known.
  uint64_t at_start() const { return at_start_; }
  uint64_t now() const;
  /// Throws std::runtime_error when it holds less than at the start.
  void must_not_shrink() const;
  /// What to say where it has grown; empty: it has not.
  std::string growth() const;

 private:
  int file_;
  bool under_;
  uint64_t at_start_;
};

}  // namespace storage
