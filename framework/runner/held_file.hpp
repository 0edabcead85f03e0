// The bytes of a plugin, or of a library of its, as they were when they were looked at.
#pragma once

#include <string>

#include "runner/spec.hpp"

namespace assay::runner {

/// A descriptor of a copy in memory that nobody can change, the same for every trial of this process: what is put in
/// the file's place meanwhile is loaded by nobody. Stays open. Throws core::Trouble when the file is not the one that
/// `file` tells, or cannot be read.
int held_file(const SpecFile& file);

}  // namespace assay::runner
