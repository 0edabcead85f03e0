// When something was, as the station's clock on the wall showed it: a page says the same wherever it is drawn.
#pragma once

#include <optional>
#include <string>

#include "core/zone.hpp"
#include "language.hpp"

namespace assay::reports {

/// "2026-11-25 16:40" where `zone` is, from a record's time in UTC; what is no time is given back.
std::string local_time(const std::string& timestamp, const std::optional<core::Zone>& zone);

/// "25 November 2026, 16:40 CET (UTC+1)"; UTC where the record has no zone.
std::string moment(const std::string& timestamp, const std::optional<core::Zone>& zone, const Language& language);

}  // namespace assay::reports
