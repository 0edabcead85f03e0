#include "core/measurement.hpp"

#include <array>
#include <utility>

namespace assay::core {
namespace {

constexpr std::array<std::pair<Comparator, std::string_view>, 5> comparators{{{Comparator::at_most, "at-most"},
                                                                              {Comparator::at_least, "at-least"},
                                                                              {Comparator::equal, "equal"},
                                                                              {Comparator::below, "below"},
                                                                              {Comparator::above, "above"}}};

}  // namespace

std::string_view name(Comparator comparator) {
  for (const auto& [value, text] : comparators)
    if (value == comparator) return text;
  return "unknown";
}

std::optional<Comparator> comparator_from(std::string_view text) {
  for (const auto& [value, candidate] : comparators)
    if (candidate == text) return value;
  return std::nullopt;
}

bool holds(const Limit& limit, double value) {
  switch (limit.comparator) {
    case Comparator::at_most:
      return value <= limit.value;
    case Comparator::at_least:
      return value >= limit.value;
    case Comparator::equal:
      return !(value < limit.value) && !(value > limit.value);
    case Comparator::below:
      return value < limit.value;
    case Comparator::above:
      return value > limit.value;
  }
  return false;
}

Result judge(double value, const std::vector<Limit>& limits) {
  Result result = Result::pass;
  for (const Limit& limit : limits)
    if (!holds(limit, value)) result = worse(result, limit.otherwise);
  return result;
}

}  // namespace assay::core
