// One trial outside any run: for the conformance kit.
#pragma once

#include <functional>
#include <string>

#include "engine/evidence.hpp"
#include "runner/frame.hpp"
#include "runner/spec.hpp"

namespace assay::engine {

struct SingleTrial {
  std::string runner;  // path of assay-runner
  std::string folder;  // for artifacts; exists
  runner::Spec spec;
  double time_limit = 10;
  double cancel_after = -1;  // seconds until it is asked to stop; below 0: only at the limit
  std::function<void(const runner::Frame&)> on_frame = nullptr;  // sees every frame
};

/// Runs it to its end. Throws core::Trouble when the runner cannot be started.
Evidence run_single(const SingleTrial& trial);

}  // namespace assay::engine
