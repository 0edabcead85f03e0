// Which files a trial may reach, by landlock: the second wall behind its view, and the only one where there is no view.
#pragma once

#include "runner/spec.hpp"

namespace assay::runner {

/// The version of landlock's interface here; 0: none.
int landlock_version();

/// From now on: reading, below what the trial's view holds; writing, in its artifact folder and its devices, for the
/// conformance kit in its own temporary folders too. Older kernels do not hold back truncating (before version 3) and
/// ioctls (before 5). False where Linux has no landlock.
bool fence_paths(const Spec& spec, bool has_view);

}  // namespace assay::runner
