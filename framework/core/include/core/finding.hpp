// A conclusion in plain words, tied to a piece of hardware, with how often it was seen.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/verdict.hpp"

namespace assay::core {

/// Who said it: the test's own code, the host from a limit, the kernel log, or the host from how the process ended.
/// What a plugin calls its finding decides nothing: only the kernel and the host speak where a trial came to no end.
enum class Origin { test, limit, kernel, host };

std::string_view name(Origin origin);
std::optional<Origin> origin_from(std::string_view name);

struct Finding {
  Result severity = Result::fail;  // fail, marginal, or none for a note
  std::string code;                // short and stable: "wrong-result"
  std::string text;                // a sentence with the evidence
  std::string where;               // "core 3", "0x1234000"; may be empty
  Origin origin = Origin::test;
  std::string part{};  // of the kernel's: the part of the machine that the line speaks of, "storage"
};

}  // namespace assay::core
