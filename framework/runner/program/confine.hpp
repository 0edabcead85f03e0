// What the runner takes from itself before it loads code that it does not know.
#pragma once

#include <string>

#include "runner/spec.hpp"

namespace assay::runner {

/// Dies with the host; no new privileges; bounded address space, files and core dumps; first to go when memory runs
/// out; no system calls that change the machine, signal the host or (unless allowed) start processes; writes only where
/// the trial may write. What the kernel does not offer is named in the answer ("landlock"), separated by spaces.
std::string confine(const Confinement& confinement);

/// Gives the process empty temporary folders that nobody else sees. False where the kernel does not let it.
bool make_private_temp();
/// What lies in them now, with spaces between.
std::string list_private_temp();

/// Pins the process to one logical processor. False if the machine does not have it.
bool pin_to_core(int os_index);
/// False when Linux has taken that processor away from this process since.
bool may_use_core(int os_index);

}  // namespace assay::runner
