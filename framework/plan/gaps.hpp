// What will not be tested, and what that means for the run.
#pragma once

#include <vector>

#include "plan/resolve.hpp"

namespace assay::plan {

/// Adds what will not be tested, or joins it with what is known of the same test, target and category. Whether it is
/// required, or the operator's to mend, follows from the category and from what the plan wants.
void add_gap(std::vector<journal::NotTested>& gaps, journal::NotTested gap, Need need, const Options& options);

}  // namespace assay::plan
