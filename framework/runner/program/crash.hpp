// Leaves the reason of a deadly signal in the shared block, then lets the signal do its work.
#pragma once

#include "runner/shared.hpp"

namespace assay::runner {

/// Installs handlers for SEGV, BUS, ILL, FPE and ABRT on a stack of their own.
void record_crashes(Shared& shared);

}  // namespace assay::runner
