#include "core/ranges.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace assay::core {

void Ranges::add(uint64_t first, uint64_t end) {
  if (first >= end) return;
  // The first range that could touch it: the one before, if it reaches here.
  auto at = ranges_.upper_bound(first);
  if (at != ranges_.begin() && std::prev(at)->second >= first) --at;
  if ((at == ranges_.end() || at->first > end) && ranges_.size() >= most) return;
  while (at != ranges_.end() && at->first <= end) {
    first = std::min(first, at->first);
    end = std::max(end, at->second);
    at = ranges_.erase(at);
  }
  ranges_[first] = end;
}

bool Ranges::contains(uint64_t first, uint64_t end) const {
  if (first >= end) return true;
  const auto after = ranges_.upper_bound(first);
  return after != ranges_.begin() && std::prev(after)->second >= end;
}

uint64_t Ranges::count() const {
  uint64_t sum = 0;
  for (const auto& [first, end] : ranges_) sum += end - first;
  return sum;
}

std::string Ranges::to_text() const {
  std::string text;
  char digits[17];
  const auto append = [&](uint64_t number, char after) {
    const auto [end, fault] = std::to_chars(digits, digits + sizeof digits, number, 16);
    text.append(digits, fault == std::errc{} ? end : digits) += after;
  };
  for (const auto& [first, end] : ranges_) append(first, '-'), append(end, '\n');
  return text;
}

void Ranges::add_text(const std::string& text) {
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    uint64_t first = 0, end = 0;
    const char* const stop = line.data() + line.size();
    const auto [dash, fault] = std::from_chars(line.data(), stop, first, 16);
    if (fault != std::errc{} || dash == stop || *dash != '-') continue;
    const auto [last, second_fault] = std::from_chars(dash + 1, stop, end, 16);
    if (second_fault == std::errc{} && last == stop) add(first, end);
  }
}

}  // namespace assay::core
