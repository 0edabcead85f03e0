// What a signal showed over some time.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace assay::watch {

struct Statistics {
  uint64_t count = 0;
  double least = 0, greatest = 0;
  long double sum = 0;  // which the greatest doubles do not overflow
  /// NaN counts as not read.
  void add(double value) {
    if (std::isnan(value)) return;
    least = count == 0 ? value : std::min(least, value);
    greatest = count == 0 ? value : std::max(greatest, value);
    sum += value;
    ++count;
  }
  double mean() const { return count == 0 ? 0 : static_cast<double>(sum / static_cast<long double>(count)); }
};

}  // namespace assay::watch
