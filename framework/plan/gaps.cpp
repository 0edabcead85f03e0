#include "gaps.hpp"

namespace assay::plan {
namespace {

/// Root, a tool, a name, a word for a plugin: what the operator could have given. What the system forbids even to root
/// is none of it, and consent is asked of a person who may say no.
bool is_operators(const std::string& category, const Options& options) {
  return category == "no-tool" || category == "no-such-target" || category == "not-allowed" ||
         (category == "no-permission" && !options.root);
}

}  // namespace

void add_gap(std::vector<journal::NotTested>& gaps, journal::NotTested gap, Need need, const Options& options) {
  gap.required =
      need == Need::required || (need == Need::if_present && gap.category != "absent" && gap.category != "no-consent");
  gap.operators = need != Need::forgone && !options.allow_gaps && is_operators(gap.category, options);
  for (journal::NotTested& known : gaps)
    if (known.test == gap.test && known.target == gap.target && known.category == gap.category) {
      known.required = known.required || gap.required;
      known.operators = known.operators || gap.operators;
      return;
    }
  gaps.push_back(std::move(gap));
}

}  // namespace assay::plan
