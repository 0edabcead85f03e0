#include "core/zone.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <ctime>

namespace assay::core {
namespace {

constexpr size_t most_letters = 8;
constexpr int most_minutes = 26 * 60;

/// An abbreviation; "+0545" and the like only repeat the distance.
bool is_name(const std::string& name) {
  return !name.empty() && name.size() <= most_letters &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalpha(c) != 0; });
}

}  // namespace

Zone zone_at(int64_t unix_nanoseconds) {
  const std::time_t seconds = unix_nanoseconds / 1'000'000'000;
  std::tm local{};
  tzset();
  if (localtime_r(&seconds, &local) == nullptr) return {"UTC", 0};
  const std::string name = local.tm_zone == nullptr ? "" : local.tm_zone;
  return {is_name(name) ? name : "", static_cast<int>(local.tm_gmtoff / 60)};
}

bool is_plausible(const Zone& zone) {
  return zone.minutes_east >= -most_minutes && zone.minutes_east <= most_minutes &&
         (zone.name.empty() || is_name(zone.name));
}

std::string zone_words(const Zone& zone) {
  const int distance = std::abs(zone.minutes_east);
  std::string words = "UTC";
  if (distance > 0) words += fmt::format("{}{}", zone.minutes_east < 0 ? "-" : "+", distance / 60);
  if (distance % 60 != 0) words += fmt::format(":{:02}", distance % 60);
  return zone.name.empty() || zone.name == words ? words : fmt::format("{} ({})", zone.name, words);
}

}  // namespace assay::core
