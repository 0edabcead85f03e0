// What `smartctl -a` and `-x` print for people: ATA (both attribute formats), NVMe and SCSI.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>
#include <sstream>

#include "attributes.hpp"
#include "counts.hpp"
#include "forms.hpp"
#include "scsi.hpp"
#include "text_tables.hpp"

namespace smart {
namespace {

bool begins(const std::string& line, const std::string& start) { return line.compare(0, start.size(), start) == 0; }
bool contains(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

std::string trimmed(const std::string& text) {
  const size_t first = text.find_first_not_of(" \t\r");
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::string joined(const std::string& maker, const std::string& product) {
  return maker.empty() || product.empty() ? maker + product : maker + " " + product;
}

/// The hexadecimal number after `name` in "[asc=b, ascq=1]"; -1 where there is none.
int code_in(const std::string& text, const std::string& name) {
  const size_t at = text.find(name + "=");
  if (at == std::string::npos) return -1;
  const char* start = text.c_str() + at + name.size() + 1;
  char* end = nullptr;
  const long value = std::strtol(start, &end, 16);
  return end == start || value < 0 || value > 255 ? -1 : static_cast<int>(value);
}

class TextReader {
 public:
  Reading read(const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) take(line.substr(0, 1000));
    if (reading_.model.empty()) reading_.model = joined(maker_, product_);
    if (!tests_.empty()) tests_.finish(reading_);
    add_nvme_spare(spare_, spare_threshold_, reading_);
    add_attributes(ata_, reading_);
    // The table goes by number: one that ends the text before the counters that matter was cut off.
    const bool cut_off = in_table_ && (ata_.attributes.empty() || ata_.attributes.back().id < 197);
    if (cut_off && reading_.has("health-failed") && reading_.value("health-failed") == 0)
      reading_.facts.erase("health-failed");
    if (cut_off && problem_.empty()) problem_ = "The table of attributes was cut off.";
    if (!is_about_a_drive()) return {};
    if (!reading_.is_full()) reading_.problem = problem_.empty() ? why_not_full() : problem_;
    return reading_;
  }

 private:
  void take(const std::string& line) {
    const std::string plain = trimmed(line);
    if (begins(plain, "smartctl ") && (contains(plain, "smartmontools") || contains(plain, "["))) known_ = true;
    if (const auto attribute = attribute_in(plain)) {
      ata_.attributes.push_back(*attribute);
      in_table_ = true;
      return;
    }
    // A row that was cut off in its middle does not end the table.
    const std::vector<std::string> words = words_of(plain);
    in_table_ = in_table_ && !line.empty() && line != "\r" && (words.empty() || is_digits(words[0]));
    if (begins(plain, "Self-test Log (NVMe")) nvme_log_ = true;
    if (const auto test = self_test_in(plain, nvme_log_)) {
      if (tests_.empty() && reading_.drive == Drive::scsi && !reading_.has("self-test.running"))
        reading_.facts["self-test.running"] = test->running ? 1 : 0;
      tests_.add(*test);
      return;
    }
    if (const auto statistic = statistic_in(plain)) return take_statistic(*statistic);
    const size_t colon = plain.find(':');
    if (colon != std::string::npos) take_field(plain.substr(0, colon), trimmed(plain.substr(colon + 1)));
    take_plain_line(plain);
    take_message(plain);
  }

  /// Each is said once of a drive: what comes later is somebody else's.
  void take_field(const std::string& key, const std::string& value) {
    if (key != "Current Temperature" && !keys_.insert(key).second) return;
    take_name(key, value);
    take_health(key, value);
    take_nvme(key, value);
    if (key == "Current Drive Temperature") add_environment_temperature(number_in(value), reading_);
    if (key == "Current Temperature" && is_temperature(number_in(value)))
      reading_.facts["temperature"] = number_in(value);
    if (key == "Elements in grown defect list")
      add_count("scsi.grown-defects", "Grown defects", number_in(value), reading_);
    if (key == "Pending defect count" && std::isfinite(number_in(value)))
      add_pending_defects(number_in(value), reading_);
    if (key == "Percentage used endurance indicator" || key == "SS Media used endurance indicator")
      add_used("scsi.used", number_in(value), reading_);
    if (key == "read" || key == "write" || key == "verify") take_scsi_errors(value);
    if (key == "Accumulated power on time, hours") take_hours(std::atof(value.c_str() + value.find(' ') + 1));
    if (key == "SMART Error Log Version" || key == "SMART Extended Comprehensive Error Log Version") error_log_ = true;
    if ((key == "ATA Error Count" || key == "Device Error Count") && number_in(value) >= 0)
      reading_.facts["errors-logged"] = number_in(value);
    if (key == "Self-test execution status") take_running_test(value);
  }

  void take_name(const std::string& key, const std::string& value) {
    if (key == "Device Model" || key == "Model Number") reading_.model = value;
    if (key == "Vendor") maker_ = value;
    if (key == "Product") product_ = value;
    if (key == "Model Family") ata_.family = value;
    if (key == "Serial Number" || key == "Serial number") reading_.serial = value;
    if (key == "Firmware Version" || key == "Revision") reading_.firmware = value;
    if (key == "Rotation Rate")
      ata_.rotation = contains(value, "Solid State") ? 1 : std::max(0, std::atoi(value.c_str()));
    // Before version 5.39: "Device: IBM-ESXS ST3300655SS      Version: BA23".
    if (const size_t version = value.find("Version:"); key == "Device" && version != std::string::npos) {
      std::string name;
      for (const std::string& word : words_of(value.substr(0, version))) name = joined(name, word);
      reading_.model = name;
      reading_.firmware = trimmed(value.substr(version + 8));
    }
  }

  void take_health(const std::string& key, const std::string& value) {
    if (key == "SMART overall-health self-assessment test result" &&
        (begins(value, "PASSED") || begins(value, "FAILED")))
      reading_.facts["health-failed"] = begins(value, "FAILED") ? 1 : 0;
    if (key != "SMART Health Status") return;
    reading_.drive = Drive::scsi;
    const int code = code_in(value, "asc"), qualifier = code_in(value, "ascq");
    if (begins(value, "OK"))
      reading_.facts["health-failed"] = 0;
    else if (code >= 0 && qualifier >= 0)
      add_scsi_health(code, qualifier, trimmed(value.substr(0, value.find('['))), reading_);
  }

  void take_nvme(const std::string& key, const std::string& value) {
    if (key == "Critical Warning") {
      reading_.drive = Drive::nvme;
      add_nvme_warning(static_cast<unsigned>(std::strtoul(value.c_str(), nullptr, 16)), reading_);
    }
    const double number = number_in(value);
    if (key == "Power On Hours") take_hours(number);
    if (reading_.drive != Drive::nvme) return;
    if (key == "Temperature" && is_temperature(number)) reading_.facts["temperature"] = number;
    if (key == "Available Spare") spare_ = number;
    if (key == "Available Spare Threshold") spare_threshold_ = number;
    if (key == "Percentage Used") add_used("nvme.used", number, reading_);
    static const std::map<std::string, const char*> counts = {{"Media and Data Integrity Errors", "nvme.media-errors"},
                                                              {"Error Information Log Entries", "nvme.error-log"},
                                                              {"Unsafe Shutdowns", "nvme.unsafe-shutdowns"}};
    if (const auto count = counts.find(key); count != counts.end() && !std::isnan(number))
      add_count(count->second, key, number, reading_);
    if (key == "Self-test status") {
      const bool runs = contains(value, "in progress") && !begins(value, "No ");
      reading_.facts["self-test.running"] = runs ? 1 : 0;
      const size_t bracket = value.find('(');
      const double done = bracket == std::string::npos ? std::nan("") : number_in(value.substr(bracket + 1));
      if (done >= 0 && done <= 100) reading_.facts["self-test.remaining"] = 100 - done;
    }
  }

  void take_hours(double hours) {
    if (hours >= 0 && hours < 16777215) reading_.facts["power-on-hours"] = hours;
  }

  /// "(   0)  The previous self-test routine completed", and "25% of test remaining" of SCSI.
  void take_running_test(const std::string& value) {
    if (value.empty() || value[0] != '(') {
      if (!contains(value, "remaining")) return;
      reading_.facts["self-test.running"] = 1;
      reading_.facts["self-test.remaining"] = number_in(value);
      return;
    }
    const auto status = static_cast<unsigned>(std::strtoul(value.c_str() + 1, nullptr, 10));
    reading_.facts["self-test.running"] = status >> 4 == 15 ? 1 : 0;
    reading_.facts["self-test.remaining"] = status >> 4 == 15 ? 10.0 * (status & 15u) : 0;
  }

  /// The last of seven columns is what could not be corrected.
  void take_scsi_errors(const std::string& value) {
    const std::vector<std::string> columns = words_of(value);
    if (columns.size() != 7 || !is_digits(columns[6])) return;
    add_uncorrected(number_in(columns[6]), reading_);
  }

  void take_statistic(const Statistic& statistic) {
    if (statistic.name == "Percentage Used Endurance Indicator") add_used("ata.used", statistic.value, reading_);
    if (statistic.name == "Current Temperature" && is_temperature(statistic.value))
      reading_.facts["temperature"] = statistic.value;
    if (statistic.name == "Power-on Hours") take_hours(statistic.value);
  }

  void take_plain_line(const std::string& line) {
    if (begins(line, "Current temperature =")) add_environment_temperature(number_in(line.substr(21)), reading_);
    if (begins(line, "number of hours powered up =")) take_hours(std::floor(std::atof(line.c_str() + 28)));
    if (line == "No Errors Logged" && error_log_) reading_.facts["errors-logged"] = 0;
  }

  void take_message(const std::string& line) {
    for (const char* message : {"Unknown USB bridge", "Unable to detect device type"})
      if (contains(line, message)) known_ = true;
    for (const char* message :
         {"Unknown USB bridge", "Unable to detect device type", "SMART support is: Unavailable", "SMART Disabled",
          "SMART support is: Disabled", "failed: No such device", "Permission denied", "Read Device Identity failed",
          "A mandatory SMART command failed", "Device does not support S", "does not support SMART", "INQUIRY failed"})
      if (known_ && problem_.empty() && contains(line, message)) problem_ = "smartctl says: " + line.substr(0, 300);
  }

  /// Other programs print temperatures and serial numbers, too.
  bool is_about_a_drive() const {
    return known_ || reading_.has("health-failed") || !ata_.attributes.empty() || reading_.drive == Drive::nvme ||
           reading_.has("scsi.grown-defects") || reading_.has("scsi.pending");
  }

  std::string why_not_full() const {
    if (!reading_.has("health-failed"))
      return "The output has no verdict of the drive: it was cut off, or made without -a or -x.";
    return "The output has the drive's own verdict, but not the figures behind it (smartctl -a prints them).";
  }

  Reading reading_;
  AtaDrive ata_;
  SelfTests tests_;
  std::string maker_, product_, problem_;
  std::set<std::string> keys_;
  double spare_ = -1, spare_threshold_ = -1;
  bool known_ = false, nvme_log_ = false, in_table_ = false, error_log_ = false;
};

}  // namespace

Reading read_text(const std::string& text) { return TextReader().read(text); }

}  // namespace smart
