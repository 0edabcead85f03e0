#include "core/json.hpp"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/errors.hpp"
#include "core/text.hpp"

namespace assay::core {
namespace {

template <class Parse>
auto guarded(const std::string& where, Parse parse) {
  try {
    return parse();
  } catch (const manifest::BadJson& bad) {
    const std::string place = bad.where.empty() ? "" : safe_text(bad.where, 200) + ": ";
    throw BadInput(where + ": " + place + bad.what());
  }
}

template <class Json>
Value value(const Json& given, const std::string& where) {
  constexpr auto greatest = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  if (given.is_boolean()) return given.template get<bool>();
  if (given.is_number_unsigned() && given.template get<uint64_t>() > greatest)
    throw BadInput(where + ": is a whole number out of range (at most 9223372036854775807)");
  if (given.is_number_integer()) return given.template get<int64_t>();
  if (given.is_number()) {
    const auto number = given.template get<double>();
    if (!std::isfinite(number)) throw BadInput(where + ": is a number out of range");
    return number;
  }
  if (given.is_string()) return given.template get<std::string>();
  throw BadInput(where + ": must be a number, a text, true or false");
}

}  // namespace

nlohmann::json parse_json(std::string_view text, const std::string& where, const JsonLimits& limits) {
  return guarded(where, [&] { return manifest::strict_json(text, limits); });
}

nlohmann::ordered_json parse_ordered_json(std::string_view text, const std::string& where, const JsonLimits& limits) {
  return guarded(where, [&] { return manifest::strict_ordered_json(text, limits); });
}

nlohmann::json json_or_null(std::string_view text, const JsonLimits& limits) {
  try {
    return manifest::strict_json(text, limits);
  } catch (const manifest::BadJson&) {
    return nullptr;
  }
}

Value to_value(const nlohmann::json& given, const std::string& where) { return value(given, where); }
Value to_value(const nlohmann::ordered_json& given, const std::string& where) { return value(given, where); }

}  // namespace assay::core
