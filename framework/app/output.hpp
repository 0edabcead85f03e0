// Where a command's text goes.
#pragma once

#include <string>

namespace assay::app {

/// To the file that --out names, or to standard output ("" or "-"). Throws core::BadInput when it cannot be written.
void write_out(const std::string& text, const std::string& out);

}  // namespace assay::app
