// A run while it goes on, for a page that follows it: what a terminal tells, as JSON, and the page that shows it.
#pragma once

#include <string>

#include "journal/record.hpp"

namespace assay::reports {

/// One run's state as a JSON object. `live` is the text of its live.json, untrusted, or empty when nobody writes it.
std::string live_state(const std::string& folder, const journal::Record* record, const std::string& live,
                       const std::string& language);

/// The page, its style and its script; they ask nothing but /events of the server that they came from.
std::string live_page(const std::string& language);
std::string live_style();
std::string live_script();

}  // namespace assay::reports
