// The memory that host and runner share for one trial. It outlives the runner, so the host can read what a dead process
// was doing. A plugin can overwrite all of it: the host checks every number that it reads.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "core/unique_fd.hpp"

namespace assay::runner {

struct Sample {
  int64_t at_ns;  // CLOCK_MONOTONIC
  double value;
  uint32_t series;
  uint32_t unused;
};

struct Shared {
  std::atomic<uint32_t> stop;        // host: end now
  std::atomic<int64_t> deadline_ns;  // host: CLOCK_MONOTONIC at which the trial should end by itself

  struct Breadcrumb {
    std::atomic<uint32_t> sequence;  // odd while it is being written
    std::array<char, 64> doing;
    uint64_t address;
  } breadcrumb;

  struct Crash {
    std::atomic<int32_t> signal;  // 0: none caught
    int32_t code;
    uint64_t address;
    uint64_t stack_pointer;
  } crash;

  struct Ring {
    static constexpr uint64_t capacity = 16384;
    std::atomic<uint64_t> written;
    std::atomic<uint64_t> read;
    std::atomic<uint64_t> dropped;
    std::array<Sample, capacity> samples;
  } ring;
};
static_assert(std::atomic<uint64_t>::is_always_lock_free, "the block is shared between processes");

/// The host's end of a Shared block, in a memfd.
class SharedMemory {
 public:
  /// Throws core::Trouble when the kernel gives no memory.
  SharedMemory();
  ~SharedMemory();
  SharedMemory(SharedMemory&& other) noexcept;
  SharedMemory& operator=(SharedMemory&&) = delete;

  int fd() const { return fd_.get(); }
  Shared& operator*() const { return *block_; }
  Shared* operator->() const { return block_; }

  /// Takes the samples that have come since the last call.
  std::vector<Sample> drain();

  struct Mark {
    std::string doing;
    uint64_t address = 0;
  };
  Mark breadcrumb() const;

 private:
  core::UniqueFd fd_;
  Shared* block_ = nullptr;
};

}  // namespace assay::runner
