// What the shop and a service case add to a report: from station.toml, and from a case's TOML file.
#pragma once

#include <string>

#include "reports/sheet.hpp"
#include "station/config.hpp"

namespace assay::app {

/// `case_file` may be empty. Throws core::BadInput with file, line and column.
reports::Sheet read_sheet(const station::Config& station, const std::string& case_file);

}  // namespace assay::app
