// A conclusion in plain words, tied to a piece of hardware, with how often it was seen.
#pragma once

#include <string>

#include "core/verdict.hpp"

namespace assay::core {

struct Finding {
  Result severity = Result::fail;  // fail, marginal, or none for a note
  std::string code;                // short and stable: "wrong-result"
  std::string text;                // a sentence with the evidence
  std::string where;               // "core 3", "0x1234000"; may be empty
};

}  // namespace assay::core
