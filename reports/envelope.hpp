// The least and the greatest of a curve in each column of a drawing: however many samples there are, no spike is lost.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace assay::reports {

class Envelope {
 public:
  /// `columns` columns of equal width between 0 and `end`.
  Envelope(double end, size_t columns) : end_(end), columns_(columns) {}

  void add(double at, double value);

  uint64_t count() const { return count_; }
  double least() const { return least_; }
  double greatest() const { return greatest_; }
  double mean() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }

  /// SVG path data: the band between the least and the greatest of each column. `x` and `y` map columns and values to
  /// the drawing: x = left + column * step, y = bottom - (value - low) * scale. Where nothing was measured for more
  /// than `gap` columns, the band is interrupted.
  struct Frame {
    double left = 0, step = 1, bottom = 0, low = 0, scale = 1;
  };
  std::string path(const Frame& frame, size_t gap) const;

 private:
  struct Column {
    double least = 0, greatest = 0;
    bool any = false;
  };
  double end_;
  std::vector<Column> columns_;
  uint64_t count_ = 0;
  double least_ = 0, greatest_ = 0, sum_ = 0;
};

}  // namespace assay::reports
