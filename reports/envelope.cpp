#include "envelope.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace assay::reports {

void Envelope::add(double at, double value) {
  least_ = count_ == 0 ? value : std::min(least_, value);
  greatest_ = count_ == 0 ? value : std::max(greatest_, value);
  sum_ += value;
  ++count_;
  if (!(at >= 0) || at > end_ || columns_.empty()) return;
  const auto last = static_cast<double>(columns_.size() - 1);
  Column& column = columns_[static_cast<size_t>(std::min(last, at / end_ * static_cast<double>(columns_.size())))];
  column.least = column.any ? std::min(column.least, value) : value;
  column.greatest = column.any ? std::max(column.greatest, value) : value;
  column.any = true;
}

std::string Envelope::path(const Frame& f, size_t gap) const {
  std::vector<size_t> filled;
  for (size_t i = 0; i < columns_.size(); ++i)
    if (columns_[i].any) filled.push_back(i);
  fmt::memory_buffer out;
  const auto x = [&](size_t column) { return f.left + static_cast<double>(column) * f.step; };
  const auto y = [&](double value) { return f.bottom - (value - f.low) * f.scale; };
  for (size_t begin = 0; begin < filled.size();) {
    size_t end = begin + 1;
    while (end < filled.size() && filled[end] - filled[end - 1] <= gap) ++end;
    for (size_t i = begin; i < end; ++i)
      fmt::format_to(std::back_inserter(out), "{}{:.1f} {:.1f}", i == begin ? "M" : "L", x(filled[i]),
                     y(columns_[filled[i]].greatest));
    for (size_t i = end; i-- > begin;)
      fmt::format_to(std::back_inserter(out), "L{:.1f} {:.1f}", x(filled[i]), y(columns_[filled[i]].least));
    fmt::format_to(std::back_inserter(out), "z");
    begin = end;
  }
  return fmt::to_string(out);
}

}  // namespace assay::reports
