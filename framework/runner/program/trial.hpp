// One plugin, one test, in a process that is fenced in already.
#pragma once

#include <string>

#include "confine.hpp"
#include "runner/shared.hpp"
#include "runner/spec.hpp"

namespace assay::runner {

/// Loads the plugin, runs what `spec` says, and leaves.
[[noreturn]] void try_plugin(const Spec& spec, Shared& shared, const Fence& fence);

/// Says why there can be no trial, and leaves.
[[noreturn]] void give_up(const std::string& why);

}  // namespace assay::runner
