#include "scsi.hpp"

#include <cmath>

#include "counts.hpp"

namespace smart {

void add_scsi_health(int code, int qualifier, const std::string& words, Reading& reading) {
  reading.facts["health-failed"] = 0;
  if (code == 0x0b && (qualifier == 1 || (qualifier >= 0x0a && qualifier <= 0x0d)))
    reading.facts["scsi.too-hot"] = 1;
  else if (code == 0x0b && qualifier == 3)
    reading.facts["scsi.self-test-failed"] = 1;
  else if (code == 0x0b)
    reading.facts["scsi.warning"] = 1, reading.names["scsi.warning"] = words;
  else if (code == 0x5d && qualifier == 0x73)
    reading.facts["scsi.worn-out"] = 1;
  else if (code == 0x5d && qualifier == 0xff)
    reading.facts["scsi.false-alarm"] = 1;
  else
    reading.facts["health-failed"] = 1;
}

double elements_of_grown_list(double bytes) {
  if (std::fmod(bytes, 8) == 0) return bytes / 8;
  if (std::fmod(bytes, 4) == 0) return bytes / 4;
  return std::nan("");
}

void add_uncorrected(double count, Reading& reading) {
  const double before = reading.value("scsi.uncorrected");
  add_count("scsi.uncorrected", "Uncorrected errors", count, reading);
  if (is_count(count)) reading.facts["scsi.uncorrected"] += before;
}

void add_environment_temperature(double celsius, Reading& reading) {
  if (is_temperature(celsius) && !reading.has("temperature")) reading.facts["temperature"] = celsius;
}

}  // namespace smart
