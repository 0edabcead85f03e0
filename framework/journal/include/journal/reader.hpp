// Folds a journal into a Record.
#pragma once

#include <string>

#include "journal/record.hpp"

namespace assay::journal {

/// Reads the journal of a run folder (or the file itself). Lines that cannot be read are counted and left out; a
/// journal without a readable start throws core::BadInput.
Record read(const std::string& run);

/// The journal's path in a run folder.
std::string journal_path(const std::string& run_folder);

}  // namespace assay::journal
