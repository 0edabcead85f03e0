#include "smart/reading.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "forms.hpp"

namespace smart {
namespace {

/// Windows' shells write UTF-16 when output goes to a file; what smartctl prints is ASCII but for names.
std::string plain_bytes(const std::string& bytes) {
  const bool little = bytes.compare(0, 2, "\xFF\xFE") == 0, big = bytes.compare(0, 2, "\xFE\xFF") == 0;
  if (bytes.compare(0, 3, "\xEF\xBB\xBF") == 0) return bytes.substr(3);
  if (!little && !big) return bytes;
  std::string plain;
  for (size_t i = 2; i + 1 < bytes.size(); i += 2) {
    const char low = bytes[little ? i : i + 1], high = bytes[little ? i + 1 : i];
    plain += high == 0 ? low : '?';
  }
  return plain;
}

/// Names come from the drive: nothing but plain characters of them goes on.
void clean(std::string& text, size_t most) {
  text.erase(
      std::remove_if(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 32 || static_cast<unsigned char>(c) > 126; }),
      text.end());
  if (text.size() > most) text.resize(most);
}

}  // namespace

bool Reading::is_full() const {
  if (!has("health-failed") && drive != Drive::nvme) return false;
  switch (drive) {
    case Drive::nvme:
      return has("nvme.warning.0") && has("nvme.media-errors");
    case Drive::scsi:
      return has("scsi.uncorrected") || has("scsi.grown-defects");
    default:
      return !names.empty();
  }
}

Reading read(const std::string& bytes) {
  const std::string plain = plain_bytes(bytes);
  const size_t first = plain.find_first_not_of(" \t\r\n");
  Reading reading;
  if (first == std::string::npos)
    reading.problem = "It is empty.";
  else
    reading = plain[first] == '{' || plain[first] == '[' ? read_json(plain) : read_text(plain);
  // NVMe drives and smartctl call every warning a failure; that of the temperature (bit 1) and of the persistent memory
  // region (bit 5) have rules of their own.
  if (reading.drive == Drive::nvme && reading.has("nvme.warning.0") && reading.value("health-failed") > 0) {
    bool serious = false;
    for (const char* bit : {"0", "2", "3", "4"})
      serious = serious || reading.value(std::string("nvme.warning.") + bit) > 0;
    const bool mild = reading.value("nvme.warning.1") > 0 || reading.value("nvme.warning.5") > 0;
    if (mild && !serious) reading.facts["health-failed"] = 0;
  }
  for (std::string* text : {&reading.model, &reading.serial, &reading.firmware}) clean(*text, 80);
  for (auto& [fact, attribute] : reading.names) clean(attribute, 80);
  clean(reading.problem, 500);
  return reading;
}

void add_growth(const Reading& before, Reading& after) {
  if (before.serial != after.serial || before.model != after.model) return;
  std::map<std::string, double> growth;
  for (const auto& [fact, value] : after.facts)
    if (const auto then = before.facts.find(fact); then != before.facts.end() && value > then->second)
      growth["growth." + fact] = value - then->second;
  const std::map<std::string, std::string> names = after.names;
  for (const auto& [fact, name] : names) after.names["growth." + fact] = name;
  after.facts.insert(growth.begin(), growth.end());
}

std::string encode(const Reading& reading) {
  std::ostringstream text;
  text.precision(17);
  text << reading.model << '\n' << reading.serial << '\n';
  for (const auto& [fact, value] : reading.facts) text << fact << ' ' << value << '\n';
  return text.str();
}

Reading decode(const std::string& text) {
  Reading reading;
  std::istringstream lines(text);
  std::getline(lines, reading.model);
  std::getline(lines, reading.serial);
  std::string fact;
  for (double value = 0; lines >> fact >> value;)
    if (std::isfinite(value)) reading.facts[fact] = value;
  return reading;
}

}  // namespace smart
