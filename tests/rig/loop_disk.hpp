// A loop device over a file, and a file system on it. Needs root.
#pragma once

#include <cstdint>
#include <string>

#include "../support/command.hpp"

namespace assay::test {

/// Why no loop device can be made here; empty: one can.
std::string why_no_loop();

class LoopDisk {
 public:
  /// Fails the test when it cannot be made. `sector`: what it says its blocks are, in bytes.
  explicit LoopDisk(const std::string& file, int sector = 512);
  ~LoopDisk();
  LoopDisk(const LoopDisk&) = delete;
  LoopDisk& operator=(const LoopDisk&) = delete;

  const std::string& path() const { return path_; }
  /// Makes an ext4 without a journal, so that what is written to files is all that is written, and mounts it.
  void mount();
  void mount_again(const std::string& options);
  void unmount();
  /// From now on it says that it holds so much; 0: all there is.
  void limit(uint64_t bytes) const;
  /// Reads that it has been asked for so far, by those who had it before, too.
  uint64_t reads() const;
  /// And writes.
  uint64_t writes() const;
  const std::string& folder() const { return folder_.path(); }

 private:
  std::string path_;
  Scratch folder_;
  bool mounted_ = false;
};

}  // namespace assay::test
