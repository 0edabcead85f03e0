// The wrong sectors that a check has met: counted by kind, joined to regions, and looked at together.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "sector_tag.hpp"

namespace storage {

class FaultLog {
 public:
  struct Region {
    Fault fault;
    uint64_t first, end;   // bytes
    uint64_t belongs = 0;  // misdirected: where its first sector belongs
    SectorVerdict sample;  // of its first sector
  };

  void add(uint64_t offset, const SectorVerdict& verdict);

  /// Sectors with this fault.
  uint64_t count(Fault fault) const { return counts_[static_cast<size_t>(fault)]; }
  uint64_t count() const;
  /// Neighbours joined, in order of their place; at most 64 are kept.
  std::vector<Region> regions() const;
  /// Where addresses begin again at 0, when that explains the misdirected sectors: all of them belong a multiple of it
  /// away, and what belongs there can be read there, too (a write that went astray is missing where it belongs).
  /// `is_right` reads a place and says so. Nothing below `least`, which no counterfeit is as small as.
  std::optional<uint64_t> wraps_at(uint64_t least, const std::function<bool(uint64_t offset)>& is_right) const;
  /// Misdirected sectors, the first of them: where they were met, and where they belong.
  const std::vector<std::pair<uint64_t, uint64_t>>& astray() const { return astray_; }

 private:
  static constexpr size_t most_regions = 64, most_astray = 32;
  std::array<uint64_t, 6> counts_{};
  std::vector<Region> regions_;
  uint64_t distance_ = 0;  // the greatest number that divides how far each misdirected sector is from its place
  std::vector<std::pair<uint64_t, uint64_t>> astray_;
};

}  // namespace storage
