#include "moment.hpp"

#include <ctime>

namespace assay::reports {

using fmt::arg;

std::string local_time(const std::string& timestamp, const std::optional<core::Zone>& zone) {
  std::tm utc{};
  if (strptime(timestamp.c_str(), "%Y-%m-%dT%H:%M", &utc) == nullptr) return timestamp;
  const std::time_t there = timegm(&utc) + std::time_t{60} * (zone ? zone->minutes_east : 0);
  std::tm local{};
  gmtime_r(&there, &local);
  char text[32];
  return std::string(text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M", &local));
}

std::string moment(const std::string& timestamp, const std::optional<core::Zone>& zone, const Language& l) {
  const std::string local = local_time(timestamp, zone);
  if (local.size() != 16) return l.date(timestamp);
  return l.say("{date}, {hour}:{minute} {zone}", arg("date", l.date(local)), arg("hour", local.substr(11, 2)),
               arg("minute", local.substr(14, 2)), arg("zone", core::zone_words(zone.value_or(core::Zone{"UTC", 0}))));
}

}  // namespace assay::reports
