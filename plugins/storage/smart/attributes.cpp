#include "attributes.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace smart {
namespace {

bool contains(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

/// Makers count an SSD's life down from 100 in the normalised value of one of these.
bool counts_life_down(const Attribute& attribute) {
  for (const char* name : {"SSD_Life_Left", "Wear_Leveling_Count", "Media_Wearout_Indicator", "Percent_Lifetime_Remain",
                           "Remaining_Lifetime_Perc", "Perc_Rated_Life_Remain"})
    if (attribute.name == name) return true;
  return false;
}

}  // namespace

double first_number(const std::string& raw) {
  char* end = nullptr;
  const double value = std::strtod(raw.c_str(), &end);
  return end == raw.c_str() || !std::isfinite(value) ? -1 : value;
}

void add_attribute(const Attribute& attribute, Reading& reading) {
  if (attribute.id < 1 || attribute.id > 255) return;
  const std::string id = std::to_string(attribute.id);
  reading.names["attribute." + id] = attribute.name;
  double value = first_number(attribute.raw);
  // Three counters of 16 bits in one number, where smartctl does not know the drive: the lowest is the counter.
  if (value > 4294967295.0) value = static_cast<double>(static_cast<uint64_t>(std::fmod(value, 65536)));
  if (value >= 0) reading.facts["attribute." + id] = value;
  reading.facts["failing-now." + id] = attribute.failing_now ? 1 : 0;
  reading.facts["failed-past." + id] = attribute.failed_past ? 1 : 0;
  if (counts_life_down(attribute) && attribute.normalized >= 0 && attribute.normalized <= 100) {
    double& used = reading.facts["ata.used"];
    used = std::max(used, 100.0 - attribute.normalized);
  }
}

void SelfTests::add(const SelfTest& test) {
  if (test.running) return;
  any_ = true;
  if (last_ < 0) last_ = test.failed ? 1 : test.passed ? 0 : 2;
  if (test.passed && test.extended) outdated_ = true;
  if (!test.failed || outdated_) return;
  if (failed_++ == 0) lba_ = test.lba;
}

void SelfTests::finish(Reading& reading) const {
  if (any_) reading.facts["self-test.failed"] = failed_;
  if (last_ >= 0) reading.facts["self-test.last"] = last_;
  if (failed_ > 0 && lba_ >= 0) reading.facts["self-test.lba"] = lba_;
}

void decide_kind(int rotation, const std::string& family, Reading& reading) {
  if (reading.drive == Drive::nvme || reading.drive == Drive::scsi) return;
  if (rotation == 1 || contains(family, "SSD") || contains(reading.model, "SSD"))
    reading.drive = Drive::ssd;
  else if (rotation > 1)
    reading.drive = Drive::hdd;
  else if (reading.has("ata.used"))
    reading.drive = Drive::ssd;
  else if (reading.has("attribute.3") && reading.value("attribute.3") > 0)  // the time to spin up
    reading.drive = Drive::hdd;
}

}  // namespace smart
