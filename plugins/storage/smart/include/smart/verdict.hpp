// What a reading means: the rules of rules.toml, each with its reason.
#pragma once

#include <string>
#include <vector>

#include "smart/reading.hpp"

namespace smart {

enum class Result { pass, marginal, fail, inconclusive };
enum class Severity { note, marginal, fail };
const char* name(Result result);
const char* name(Severity severity);

struct Finding {
  Severity severity;
  std::string code;  // the rule's id
  std::string text, advice;
};

struct Verdict {
  Result result = Result::inconclusive;
  std::vector<Finding> findings;  // the worst first
};

Verdict judge(const Reading& reading);

/// Of several drives: the worst counts, and one of which nothing is known is no pass.
Result worst(const std::vector<Verdict>& verdicts);

}  // namespace smart
