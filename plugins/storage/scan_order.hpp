// The order in which a device is read: in stretches that are long enough for a disk's heads, spread so that a scan
// which is cut off has seen all parts of the device alike.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace storage {

class ScanOrder {
 public:
  static constexpr uint64_t usual_stretch = uint64_t{256} << 20;

  explicit ScanOrder(uint64_t bytes, uint64_t stretch = usual_stretch) : bytes_(bytes), stretch_(stretch) {
    const uint64_t count = (bytes + stretch - 1) / stretch;
    unsigned bits = 0;
    while (uint64_t{1} << bits < count) ++bits;
    // Numbers with their bits reversed fill a range evenly (van der Corput's sequence).
    for (uint64_t place = 0; place < uint64_t{1} << bits; ++place) {
      uint64_t reversed = 0;
      for (unsigned bit = 0; bit < bits; ++bit) reversed |= (place >> bit & 1) << (bits - 1 - bit);
      if (reversed < count) order_.push_back(static_cast<uint32_t>(reversed));
    }
  }
  /// Stretches that the device has.
  uint64_t count() const { return order_.size(); }
  /// Where stretch number `step` of the order begins and ends, in bytes.
  uint64_t begin(uint64_t step) const { return order_[step] * stretch_; }
  uint64_t end(uint64_t step) const { return std::min(begin(step) + stretch_, bytes_); }

 private:
  uint64_t bytes_, stretch_;
  std::vector<uint32_t> order_;
};

}  // namespace storage
