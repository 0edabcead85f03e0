// The value of a test's parameter.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>

namespace assay::core {

using Value = std::variant<int64_t, double, bool, std::string>;
using Values = std::map<std::string, Value>;

/// As a person writes it: 3, 0.5, true, text.
std::string to_text(const Value& value);

/// The number in an integer or a real; nothing else is a number.
inline bool as_number(const Value& value, double& number) {
  if (const auto* whole = std::get_if<int64_t>(&value)) return number = static_cast<double>(*whole), true;
  if (const auto* real = std::get_if<double>(&value)) return number = *real, true;
  return false;
}

}  // namespace assay::core
