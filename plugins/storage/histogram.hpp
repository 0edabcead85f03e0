// A histogram of times with a fixed relative error: 32 buckets per doubling, from a nanosecond to hours.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace storage {

class Histogram {
 public:
  void add(double seconds) {
    ++buckets_[index(seconds)];
    ++count_;
    if (seconds > greatest_) greatest_ = seconds;
  }

  /// The time that `fraction` of all stayed at or below, within 2.2 %. 0 when there are none.
  double percentile(double fraction) const {
    if (count_ == 0) return 0;
    const auto rank = static_cast<uint64_t>(std::ceil(fraction * static_cast<double>(count_)));
    uint64_t sum = 0;
    for (size_t i = 0; i < buckets_.size(); ++i) {
      sum += buckets_[i];
      if (sum >= rank && sum > 0)
        return std::fmin(greatest_, 1e-9 * std::exp2(static_cast<double>(i + 1) / per_doubling));
    }
    return greatest_;
  }
  double greatest() const { return greatest_; }
  uint64_t count() const { return count_; }

 private:
  static constexpr double per_doubling = 32;
  static size_t index(double seconds) {
    const double place = std::log2(std::fmax(seconds, 1e-9) * 1e9) * per_doubling;
    return static_cast<size_t>(std::fmin(place, 44 * per_doubling - 1));
  }
  std::array<uint64_t, 44 * 32> buckets_{};
  uint64_t count_ = 0;
  double greatest_ = 0;
};

}  // namespace storage
