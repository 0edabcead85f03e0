// JSON from outside (a plugin, a run's folder, a file), read within bounds: the one place where the repository parses
// it, but for a plugin's own documents.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

namespace assay::manifest {

/// What a text may be at most; deeper than 64 goes nothing that Assay writes, and what follows a document down must
/// not run out of stack.
struct JsonLimits {
  size_t bytes = size_t{64} << 20;
  size_t depth = 64;
};

/// Why a text is not taken. `where` is the field's JSON pointer ("/tests/0/seconds"); empty for the text as a whole.
struct BadJson : std::runtime_error {
  BadJson(std::string place, const std::string& why) : std::runtime_error(why), where(std::move(place)) {}
  std::string where;
};

/// The whole text as one document. Refused with BadJson: what is no JSON (RFC 8259) or no UTF-8, what is beyond the
/// limits, a key that occurs twice in one object, a number that no double holds (9e999), a whole number that 64 bits do
/// not hold. -0 becomes 0. Any thread.
nlohmann::json strict_json(std::string_view text, const JsonLimits& limits = {});
/// The same, in the order of the text.
nlohmann::ordered_json strict_ordered_json(std::string_view text, const JsonLimits& limits = {});

}  // namespace assay::manifest
