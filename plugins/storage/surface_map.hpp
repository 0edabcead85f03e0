// How long each part of a device took to read: a map of a fixed number of cells, whatever the size of the device.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace storage {

class SurfaceMap {
 public:
  /// Upper ends of the buckets, in seconds; the last bucket takes all that is slower. Bench technicians know such a
  /// scale from the tools that they boot for it.
  static constexpr std::array<double, 6> bucket_ends{0.003, 0.01, 0.05, 0.15, 0.5, 2};
  static constexpr uint8_t slower = 6, unreadable = 7, not_read = 255;
  static constexpr size_t most_cells = 4096;

  explicit SurfaceMap(uint64_t device_bytes);
  void add(uint64_t offset, uint64_t bytes, double seconds);
  void add_unreadable(uint64_t offset, uint64_t bytes);

  /// {"bytes":N, "bucket_ends_ms":[...], "counts":[...], "cells":"0001..."}: a digit for each cell, the worst that lies
  /// in it; '-' where nothing was read.
  std::string json() const;

 private:
  void mark(uint64_t offset, uint64_t bytes, uint8_t bucket);
  uint64_t bytes_, cell_bytes_;
  std::vector<uint8_t> cells_;
  std::array<uint64_t, 8> counts_{};
};

/// Slow blocks that lie side by side, joined.
struct SlowRegion {
  uint64_t first, end;  // bytes
  double longest;       // seconds
};
/// Adds a block to the regions, which are in no order; at most `most` are kept. False when it found no room.
bool join(std::vector<SlowRegion>& regions, uint64_t offset, uint64_t bytes, double seconds, size_t most);

}  // namespace storage
