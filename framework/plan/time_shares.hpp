// How the tests of a stage share its time.
#pragma once

#include "plan/resolve.hpp"

namespace assay::plan {

/// Sets a trial's estimate, and with it its time limit, from its `duration` or from what its manifest says.
void estimate(PlannedTrial& trial);

/// Gives the tests with a `duration` their part of the stage's time, within their own bounds. What the plan fixed is
/// scaled with the plan, but for the slices of a stage that repeats.
void share_time(PlannedStage& stage, double scale);

/// Says of which tests --duration, which scales a stage by less than 1, takes so much time that they may not reach what
/// is asked of them. How fast this machine is, nobody knows before. `scaled`: the stage before its time is shared.
void tell_what_time_lacks(const PlannedStage& scaled, double scale, std::vector<std::string>& hints);

}  // namespace assay::plan
