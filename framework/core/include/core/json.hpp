// The boundary that JSON from outside crosses: one set of limits and one way to fail.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "core/value.hpp"
#include "manifest/strict_json.hpp"

namespace assay::core {

using manifest::JsonLimits;

/// A document, under the rules of manifest/strict_json.hpp. Throws BadInput "WHERE: PLACE: REASON", with a field
/// as the place, or "WHERE: is not JSON: line 3, column 9"; `where` is the file's name, as the message shall give it.
nlohmann::json parse_json(std::string_view text, const std::string& where, const JsonLimits& limits = {});
nlohmann::ordered_json parse_ordered_json(std::string_view text, const std::string& where,
                                          const JsonLimits& limits = {});

/// For readers that pass over what cannot be read: null instead of a throw.
nlohmann::json json_or_null(std::string_view text, const JsonLimits& limits = {});

/// A parameter's value; never NaN or infinite. Throws BadInput "WHERE: REASON" for what is none, or does not fit.
Value to_value(const nlohmann::json& given, const std::string& where);
Value to_value(const nlohmann::ordered_json& given, const std::string& where);

}  // namespace assay::core
