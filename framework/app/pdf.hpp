// A report as PDF, printed by Chromium where it is installed.
#pragma once

#include <string>

namespace assay::app {

/// Throws core::BadInput when `out` is no file to write, core::Trouble when there is no Chromium or it fails.
void write_pdf(const std::string& html, const std::string& out);

}  // namespace assay::app
