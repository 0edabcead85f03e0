#include "attributes.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "counts.hpp"
#include "wear.hpp"

namespace smart {
namespace {

constexpr double all_of_16_bits = 65536, all_of_32_bits = 4294967296.0;
/// No drive has spare sectors for more, and none keeps a list of more.
constexpr double most_sectors = 1048576;

bool contains(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

bool is_in(int id, std::initializer_list<int> ids) { return std::find(ids.begin(), ids.end(), id) != ids.end(); }

/// The attributes whose raw value is a count that a rule looks at.
bool is_counter(int id) { return is_in(id, {5, 187, 188, 196, 197, 198, 199}); }
bool counts_sectors(int id) { return is_in(id, {5, 187, 197, 198}); }

/// smartctl shows these as 16 bits and what is above them, unless it knows better; Seagate packs 188 in the same way.
bool is_short(int id) { return is_in(id, {5, 188, 196}); }

/// "0 0 12 (x)" has three numbers; "0x12" and "3h+5m" have one.
std::vector<double> leading_numbers(const std::string& raw) {
  std::vector<double> numbers;
  const char* at = raw.c_str();
  while (numbers.size() < 6) {
    char* end = nullptr;
    const double value = std::strtod(at, &end);
    if (end == at || !std::isfinite(value)) break;
    numbers.push_back(value);
    if (*end != ' ') break;
    at = end;
  }
  return numbers;
}

/// ATA keeps 0, 254 and 255 for other things than values (ATA8-ACS, normalised values are 1 to 253): a drive that has
/// them here filled nothing in.
bool is_normalized(int value) { return value != 0 && value < 254; }

void add_attribute(const Attribute& attribute, Reading& reading) {
  const std::string id = std::to_string(attribute.id);
  reading.names["attribute." + id] = attribute.name;
  const std::vector<double> numbers = leading_numbers(attribute.raw);
  if (is_counter(attribute.id) && !numbers.empty()) {
    const bool sectors = counts_sectors(attribute.id);
    // Too much for one counter, and too little for three.
    const bool odd = sectors && numbers.size() == 1 && numbers[0] > most_sectors && numbers[0] < all_of_32_bits;
    add_count("attribute." + id, attribute.name, odd ? numbers[0] : counter(attribute.id, attribute.raw), reading,
              sectors ? most_sectors : 1e15);
  } else if (!numbers.empty() && numbers[0] >= 0) {
    reading.facts["attribute." + id] = numbers[0];
  }
  const bool limit = is_normalized(attribute.threshold);
  reading.facts["failing-now." + id] = attribute.failing_now && limit && is_normalized(attribute.normalized) ? 1 : 0;
  reading.facts["failed-past." + id] = attribute.failed_past && limit && is_normalized(attribute.worst) ? 1 : 0;
}

/// The lowest byte; above it stand the least and the greatest, in several ways.
void add_temperature(const std::vector<Attribute>& attributes, Reading& reading) {
  for (const int id : {194, 190})
    for (const Attribute& attribute : attributes) {
      if (attribute.id != id || reading.has("temperature")) continue;
      const std::vector<double> numbers = leading_numbers(attribute.raw);
      if (numbers.empty() || numbers[0] < 0) continue;
      const double celsius = numbers[0] >= 256 ? std::fmod(numbers[0], 256) : numbers[0];
      if (is_temperature(celsius)) reading.facts["temperature"] = std::floor(celsius);
    }
}

/// Some drives keep milliseconds or minutes above the 32 bits of the hours.
void add_hours(const std::vector<Attribute>& attributes, Reading& reading) {
  for (const Attribute& attribute : attributes) {
    if (attribute.id != 9 || reading.has("power-on-hours")) continue;
    const std::vector<double> numbers = leading_numbers(attribute.raw);
    if (numbers.empty() || (attribute.name.rfind("Power_On_", 0) != 0 && attribute.name.rfind("Unknown", 0) != 0))
      continue;
    const double hours = std::fmod(numbers[0], all_of_32_bits);
    if (hours >= 0 && hours < 16777215) reading.facts["power-on-hours"] = hours;
  }
}

void decide_kind(const AtaDrive& drive, Reading& reading) {
  if (reading.drive == Drive::nvme || reading.drive == Drive::scsi) return;
  const auto wears = [](const Attribute& attribute) { return speaks_of_wear(attribute.name); };
  const auto& all = drive.attributes;
  if (drive.rotation == 1 || contains(drive.family, "SSD") || contains(reading.model, "SSD"))
    reading.drive = Drive::ssd;
  else if (drive.rotation > 1)
    reading.drive = Drive::hdd;
  else if (reading.has("ata.used") || std::any_of(all.begin(), all.end(), wears))
    reading.drive = Drive::ssd;
  else if (reading.value("attribute.3") > 0)  // the time to spin up
    reading.drive = Drive::hdd;
}

}  // namespace

double counter(int id, const std::string& raw) {
  const std::vector<double> numbers = leading_numbers(raw);
  if (numbers.empty()) return -1;
  if (numbers.size() == 3) return numbers[2];
  if (numbers.size() == 6) return 256 * numbers[4] + numbers[5];
  const double value = numbers[0], most = is_short(id) ? all_of_16_bits : all_of_32_bits;
  return is_count(value) && value >= most ? std::fmod(value, all_of_16_bits) : value;
}

void add_attributes(const AtaDrive& drive, Reading& reading) {
  for (const Attribute& attribute : drive.attributes)
    if (attribute.id >= 1 && attribute.id <= 255) add_attribute(attribute, reading);
  decide_kind(drive, reading);
  add_wear(drive, reading);
  add_temperature(drive.attributes, reading);
  add_hours(drive.attributes, reading);
}

void SelfTests::add(const SelfTest& test) {
  if (test.running) return;
  any_ = true;
  if (last_ < 0) last_ = test.failed ? 1 : test.passed ? 0 : 2;
  if (test.passed && test.extended) outdated_ = true;
  if (!test.failed || outdated_) return;
  if (failed_++ == 0 && test.lba < 1e18) lba_ = test.lba;
}

void SelfTests::finish(Reading& reading) const {
  if (any_) reading.facts["self-test.failed"] = failed_;
  if (last_ >= 0) reading.facts["self-test.last"] = last_;
  if (failed_ > 0 && lba_ >= 0) reading.facts["self-test.lba"] = lba_;
}

}  // namespace smart
