// A report as PDF, printed by Chromium where it is installed.
#pragma once

#include <string>

namespace assay::app {

/// The page as a PDF file's bytes. Throws core::Trouble when there is no Chromium or it fails.
std::string to_pdf(const std::string& html);

}  // namespace assay::app
