// The file that trials of one test on one target share in a run (ext/keep.h).
#pragma once

#include <string>

#include "core/unique_fd.hpp"
#include "stage_queue.hpp"

namespace assay::engine {

/// For trials that do the same but for how long. None for proofs, since what these find must not count, nor for repeats
/// of a failure, which must look where it was seen.
core::UniqueFd open_kept_file(const std::string& run_folder, const Pending& pending);

/// Empties one that is longer than a trial's file may be, holes counted; false when it was.
bool bound_kept_file(int file);

}  // namespace assay::engine
