// The file that the technician's words are kept in: allowed.json in the station's folder, mode 0600.
#pragma once

#include <string>
#include <vector>

#include "permit/permits.hpp"

namespace assay::permit {

/// None where there is no file. Throws core::BadInput, with the file, for one that is damaged.
std::vector<Word> read_words(const std::string& file);

/// Beside it, synced, renamed, and its folder synced: there is always a whole one. Throws core::Trouble.
void write_words(const std::string& file, const std::vector<Word>& words);

/// The same for any small file.
void write_whole(const std::string& file, const std::string& bytes, unsigned mode);

}  // namespace assay::permit
