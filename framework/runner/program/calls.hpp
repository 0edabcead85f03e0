// Which system calls a trial may make: those of a program that computes, reads and writes its own files.
#pragma once

#include "runner/spec.hpp"

namespace assay::runner {

/// Everything else is refused with EPERM, for all threads, for good; calls of other architectures (32 bits, x32) end
/// the process. `own_pids`: it only sees its own processes, so that it may send signals. `can_write`: its device was
/// opened for writing. False where Linux has no filters.
bool allow_calls(const Confinement& confinement, bool own_pids, bool can_write);

}  // namespace assay::runner
