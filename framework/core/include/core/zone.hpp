// Where a clock hangs: what local time is beside UTC.
#pragma once

#include <cstdint>
#include <string>

namespace assay::core {

struct Zone {
  std::string name;      // "CET"; empty where the zone has no abbreviation
  int minutes_east = 0;  // of UTC, at that moment
};

/// This process's zone (TZ, else /etc/localtime, else UTC) at a moment.
Zone zone_at(int64_t unix_nanoseconds);

/// False for what no place on Earth has.
bool is_plausible(const Zone& zone);

/// "CET (UTC+1)", "UTC+5:45", "UTC".
std::string zone_words(const Zone& zone);

}  // namespace assay::core
