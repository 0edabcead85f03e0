#include "nvme.hpp"

#include "forms.hpp"

namespace smart {
namespace {

const char* bit(int number) {
  constexpr const char* facts[] = {"nvme.warning.0", "nvme.warning.1", "nvme.warning.2",
                                   "nvme.warning.3", "nvme.warning.4", "nvme.warning.5"};
  return facts[number];
}

/// A spare of 0 that the drive does not warn of was never filled in.
void weigh_spare(Reading& reading) {
  if (!reading.has("nvme.spare") || !reading.has("nvme.spare-threshold")) return;
  const double spare = reading.value("nvme.spare"), threshold = reading.value("nvme.spare-threshold");
  if (spare == 0 && threshold > 0 && reading.value(bit(0), 1) == 0) {
    reading.facts["absurd.nvme.spare"] = 1;
    reading.names["absurd.nvme.spare"] = "Available spare, without its warning: 0";
    return;
  }
  reading.facts["nvme.spare-below"] = spare < threshold ? 1 : 0;
}

bool is_worn_only(const Reading& reading) {
  for (const int other : {0, 3, 4})
    if (reading.value(bit(other)) > 0) return false;
  return reading.value(bit(2)) > 0 && reading.value("nvme.used") >= 100 && reading.value("nvme.spare-below", 1) == 0 &&
         reading.value("nvme.media-errors", 1) == 0;
}

}  // namespace

void add_nvme_warning(unsigned bits, Reading& reading) {
  if (bits >= 255) {
    reading.facts["absurd.nvme.warning"] = 1;
    reading.names["absurd.nvme.warning"] = "Critical warning: " + std::to_string(bits);
    return;
  }
  for (int number = 0; number < 6; ++number) reading.facts[bit(number)] = bits >> number & 1;
}

void add_nvme_spare(double spare, double threshold, Reading& reading) {
  if (spare >= 0 && spare <= 100) reading.facts["nvme.spare"] = spare;
  if (threshold >= 0 && threshold <= 100) reading.facts["nvme.spare-threshold"] = threshold;
}

void weigh_nvme_warnings(Reading& reading) {
  if (reading.drive != Drive::nvme) return;
  weigh_spare(reading);
  // smartctl's verdict on an NVMe drive is nothing but "no warning at all".
  if (!reading.has(bit(0))) {
    if (reading.has("absurd.nvme.warning")) reading.facts.erase("health-failed");
    return;
  }
  if (is_worn_only(reading)) {
    reading.facts[bit(2)] = 0;
    reading.facts["nvme.worn-out"] = reading.value("nvme.used");
  }
  bool serious = false;
  for (const int number : {0, 2, 3, 4}) serious = serious || reading.value(bit(number)) > 0;
  const bool mild = reading.value(bit(1)) > 0 || reading.value(bit(5)) > 0 || reading.has("nvme.worn-out");
  if (mild && !serious && reading.has("health-failed")) reading.facts["health-failed"] = 0;
}

}  // namespace smart
