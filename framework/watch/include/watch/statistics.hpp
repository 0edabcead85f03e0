// What a signal showed over some time.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace assay::watch {

struct Statistics {
  uint64_t count = 0;
  double least = 0, greatest = 0, sum = 0;
  /// NaN counts as not read.
  void add(double value) {
    if (std::isnan(value)) return;
    least = count == 0 ? value : std::min(least, value);
    greatest = count == 0 ? value : std::max(greatest, value);
    sum += value;
    ++count;
  }
  double mean() const { return count == 0 ? 0 : sum / static_cast<double>(count); }
};

}  // namespace assay::watch
