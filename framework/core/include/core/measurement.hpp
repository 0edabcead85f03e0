// A measurement and the limits that the host judges it by.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/verdict.hpp"

namespace assay::core {

enum class Comparator { at_most, at_least, equal, below, above };

std::string_view name(Comparator comparator);
std::optional<Comparator> comparator_from(std::string_view name);

/// `value` is in the measurement's unit; a measurement that breaks the limit gets `otherwise` (marginal or fail).
struct Limit {
  Comparator comparator = Comparator::at_most;
  double value = 0;
  Result otherwise = Result::fail;
};

struct Measurement {
  std::string key;
  double value = 0;
  std::string unit;
  std::vector<Limit> limits;
  Result result = Result::pass;
};

bool holds(const Limit& limit, double value);

/// The worst result of all limits; pass when there are none. `value` must not be NaN.
Result judge(double value, const std::vector<Limit>& limits);

}  // namespace assay::core
