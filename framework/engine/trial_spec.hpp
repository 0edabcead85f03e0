// What the runner is told of one trial.
#pragma once

#include "plan/resolve.hpp"
#include "runner/spec.hpp"

namespace assay::engine {

/// `most_file_bytes`: no file of its may grow beyond; 0: no limit.
runner::Spec make_spec(const plan::PlannedTrial& trial, uint64_t seed, uint64_t most_file_bytes);

}  // namespace assay::engine
