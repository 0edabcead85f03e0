#include "core/value.hpp"

#include "core/text.hpp"

namespace assay::core {

std::string to_text(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* truth = std::get_if<bool>(&value)) return *truth ? "true" : "false";
  if (const auto* whole = std::get_if<int64_t>(&value)) return std::to_string(*whole);
  return format_number(std::get<double>(value));
}

}  // namespace assay::core
