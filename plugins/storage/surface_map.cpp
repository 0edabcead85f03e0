#include "surface_map.hpp"

#include <algorithm>

namespace storage {

SurfaceMap::SurfaceMap(uint64_t device_bytes)
    : bytes_(device_bytes),
      cell_bytes_(std::max<uint64_t>(uint64_t{1} << 20, (device_bytes + most_cells - 1) / most_cells)) {
  cells_.resize((bytes_ + cell_bytes_ - 1) / cell_bytes_, not_read);
}

void SurfaceMap::mark(uint64_t offset, uint64_t bytes, uint8_t bucket) {
  ++counts_[bucket];
  for (uint64_t cell = offset / cell_bytes_; cell <= (offset + bytes - 1) / cell_bytes_ && cell < cells_.size(); ++cell)
    cells_[cell] = cells_[cell] == not_read ? bucket : std::max(cells_[cell], bucket);
}

void SurfaceMap::add(uint64_t offset, uint64_t bytes, double seconds) {
  const auto bucket = std::find_if(bucket_ends.begin(), bucket_ends.end(), [&](double end) { return seconds < end; });
  mark(offset, bytes, static_cast<uint8_t>(bucket - bucket_ends.begin()));
}

void SurfaceMap::add_unreadable(uint64_t offset, uint64_t bytes) { mark(offset, bytes, unreadable); }

std::string SurfaceMap::json() const {
  std::string text = "{\"bytes\":" + std::to_string(bytes_) + ",\"bucket_ends_ms\":[";
  for (const double end : bucket_ends)
    text += (end == bucket_ends[0] ? "" : ",") + std::to_string(static_cast<int>(end * 1000));
  text += "],\"counts\":[";
  for (size_t i = 0; i < counts_.size(); ++i) text += (i == 0 ? "" : ",") + std::to_string(counts_[i]);
  text += "],\"cells\":\"";
  for (const uint8_t cell : cells_) text += cell == not_read ? '-' : static_cast<char>('0' + cell);
  return text + "\"}\n";
}

bool join(std::vector<SlowRegion>& regions, uint64_t offset, uint64_t bytes, double seconds, size_t most) {
  for (SlowRegion& region : regions)
    if (offset <= region.end && region.first <= offset + bytes) {
      region.first = std::min(region.first, offset);
      region.end = std::max(region.end, offset + bytes);
      region.longest = std::max(region.longest, seconds);
      return true;
    }
  if (regions.size() >= most) return false;
  regions.push_back({offset, offset + bytes, seconds});
  return true;
}

}  // namespace storage
