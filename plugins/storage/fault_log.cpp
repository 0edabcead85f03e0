#include "fault_log.hpp"

#include <algorithm>
#include <bit>
#include <numeric>

namespace storage {

void FaultLog::add(uint64_t offset, const SectorVerdict& verdict) {
  if (verdict.fault == Fault::none) return;
  ++counts_[static_cast<size_t>(verdict.fault)];
  if (verdict.fault == Fault::misdirected) {
    const uint64_t away = std::max(verdict.belongs, offset) - std::min(verdict.belongs, offset);
    distance_ = std::gcd(distance_, away);
    // Some from all over: the place of a number in a row of doublings decides.
    const uint64_t number = count(Fault::misdirected);
    if (astray_.size() < most_astray && (number < most_astray / 2 || std::has_single_bit(number)))
      astray_.emplace_back(offset, verdict.belongs);
  }
  for (Region& region : regions_) {
    const bool same = region.fault == verdict.fault &&
                      (verdict.fault != Fault::misdirected ||
                       verdict.belongs - offset == region.belongs - region.first);  // wraps alike where it is behind
    if (!same || offset + sector_bytes < region.first || offset > region.end) continue;
    if (offset >= region.first && offset < region.end) return;
    if (offset == region.end) region.end += sector_bytes;
    if (offset + sector_bytes == region.first) region.first = offset, region.belongs = verdict.belongs;
    return;
  }
  if (regions_.size() < most_regions)
    regions_.push_back({verdict.fault, offset, offset + sector_bytes, verdict.belongs, verdict});
}

uint64_t FaultLog::count() const { return std::accumulate(counts_.begin(), counts_.end(), uint64_t{0}); }

std::vector<FaultLog::Region> FaultLog::regions() const {
  std::vector<Region> sorted = regions_;
  std::sort(sorted.begin(), sorted.end(), [](const Region& a, const Region& b) { return a.first < b.first; });
  std::vector<Region> joined;
  for (const Region& region : sorted) {
    const bool next = !joined.empty() && joined.back().fault == region.fault && joined.back().end == region.first &&
                      (region.fault != Fault::misdirected ||
                       joined.back().belongs - joined.back().first == region.belongs - region.first);
    if (next)
      joined.back().end = region.end;
    else
      joined.push_back(region);
  }
  return joined;
}

std::optional<uint64_t> FaultLog::wraps_at(uint64_t least, const std::function<bool(uint64_t offset)>& is_right) const {
  if (astray_.empty() || distance_ < least) return std::nullopt;
  const bool there =
      std::all_of(astray_.begin(), astray_.end(), [&](const auto& pair) { return is_right(pair.second); });
  return there ? std::optional(distance_) : std::nullopt;
}

}  // namespace storage
