// Direct reads through io_uring, one at a time, each timed from submission to completion.
#pragma once

#include <cstdint>
#include <string>

namespace storage {

struct ReadResult {
  int error = 0;         // errno; 0: good
  double seconds = 0;    // from submission to completion
  bool finished = true;  // false: it had not come back when the caller wanted to stop
};

/// A device or file that is read block by block. Where that cannot be done, problem() says why and category() what kind
/// of reason that is ("no-permission", "not-supported").
class ReadQueue {
 public:
  /// Opens `path` read-only, past the page cache. `block` is the size and the alignment of every read.
  ReadQueue(const std::string& path, unsigned block);
  ~ReadQueue();
  ReadQueue(const ReadQueue&) = delete;
  ReadQueue& operator=(const ReadQueue&) = delete;

  bool usable() const { return problem_.empty(); }
  const std::string& problem() const { return problem_; }
  const std::string& category() const { return category_; }
  uint64_t bytes() const { return bytes_; }

  /// Reads the block at `offset`. `should_stop` is asked once a second while the device is silent.
  ReadResult read(uint64_t offset, bool (*should_stop)(const void*), const void* context);

 private:
  bool open_device(const std::string& path);
  bool make_ring();
  /// Always false.
  bool give_up(const char* category, const std::string& problem);
  struct Ring;
  Ring* ring_ = nullptr;
  int file_ = -1;
  unsigned block_;
  void* buffer_ = nullptr;
  uint64_t bytes_ = 0;
  std::string problem_, category_;
};

}  // namespace storage
