// What the runner is told of one trial.
#pragma once

#include "plan/resolve.hpp"
#include "runner/spec.hpp"

namespace assay::engine {

runner::Spec make_spec(const plan::PlannedTrial& trial, uint64_t seed);

}  // namespace assay::engine
