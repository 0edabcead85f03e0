// What `smartctl -a` and `-x` print for people: ATA (both attribute formats), NVMe and SCSI.
#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <sstream>
#include <vector>

#include "attributes.hpp"
#include "forms.hpp"

namespace smart {
namespace {

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

bool is_number(const std::string& word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

bool begins(const std::string& line, const std::string& start) { return line.compare(0, start.size(), start) == 0; }
bool contains(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

std::string trimmed(const std::string& text) {
  const size_t first = text.find_first_not_of(" \t\r");
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

/// "1,234 [631 MB]" or "1 234": digits with separators in threes, in whatever language; -1 where there are none.
double grouped_number(const std::string& text) {
  std::string digits;
  for (size_t i = 0; i < text.size() && text[i] != '[' && text[i] != '%'; ++i) {
    if (std::isdigit(static_cast<unsigned char>(text[i])) != 0)
      digits += text[i];
    else if (std::isalpha(static_cast<unsigned char>(text[i])) != 0)
      break;
  }
  return digits.empty() || digits.size() > 30 ? -1 : std::strtod(digits.c_str(), nullptr);
}

class TextReader {
 public:
  Reading read(const std::string& bytes) {
    std::istringstream lines(bytes);
    int drives = 0;
    for (std::string line; std::getline(lines, line);) {
      if (contains(line, "=== START OF INFORMATION SECTION ===") && ++drives > 1) break;  // the first drive's only
      take(line.substr(0, 1000));
    }
    tests_.finish(reading_);
    decide_kind(rotation_, family_, reading_);
    // The table goes by number: one that ends the text before the counters that matter was cut off.
    const bool cut_off = in_table_ && (reading_.names.empty() || last_id_ < 197);
    if (cut_off && reading_.facts.count("health-failed") > 0 && reading_.value("health-failed") == 0)
      reading_.facts.erase("health-failed");
    if (cut_off && problem_.empty()) problem_ = "The table of attributes was cut off.";
    if (!reading_.is_full()) reading_.problem = problem_.empty() ? why_not_full() : problem_;
    return reading_;
  }

 private:
  void take(const std::string& line) {
    const std::string plain = trimmed(line);
    if (begins(plain, "smartctl ") && contains(plain, "smartmontools")) known_ = true;
    if (begins(plain, "smartctl ") && contains(plain, "[")) known_ = true;
    const std::vector<std::string> words = words_of(plain);
    if (take_attribute(words)) {
      in_table_ = true;
      return;
    }
    // A row that was cut off in its middle does not end the table.
    const bool blank = line.empty() || line == "\r";
    in_table_ = in_table_ && !blank && (words.empty() || is_number(words[0]));
    if (take_self_test(plain, words)) return;
    const size_t colon = plain.find(':');
    if (colon != std::string::npos) take_field(plain.substr(0, colon), trimmed(plain.substr(colon + 1)));
    take_message(plain);
  }

  /// "  5 Reallocated_Sector_Ct   0x0033   100   100   010    Pre-fail  Always       -       0", and in brief
  /// "  5 Reallocated_Sector_Ct   PO--CK   100   100   010    -    0".
  bool take_attribute(const std::vector<std::string>& words) {
    if (words.size() < 8 || !is_number(words[0]) || words[0].size() > 3) return false;
    const bool old_format = begins(words[2], "0x") && words.size() >= 10;
    const bool brief = words[2].size() >= 6 && words[2].find_first_not_of("POSRCK-+") == std::string::npos;
    const auto is_value = [](const std::string& word) {
      return is_number(word) || word.find_first_not_of('-') == word.npos;
    };
    if ((!old_format && !brief) || !is_value(words[3]) || !is_value(words[4]) || !is_value(words[5])) return false;
    const size_t failed = old_format ? 8 : 6;
    Attribute attribute{std::atoi(words[0].c_str()), words[1], words[failed + 1], -1, false, false};
    if (is_number(words[3])) attribute.normalized = std::atoi(words[3].c_str());
    attribute.failing_now = words[failed] == "FAILING_NOW" || words[failed] == "NOW";
    attribute.failed_past = words[failed] == "In_the_past" || words[failed] == "Past";
    add_attribute(attribute, reading_);
    last_id_ = attribute.id;
    return true;
  }

  /// "# 1  Short offline       Completed: read failure       90%      1234         12345678", and SCSI's
  /// "# 1  Background short  Failed in segment -->       3    1234   0x12345 [0x3 0x11 0x0]".
  bool take_self_test(const std::string& plain, const std::vector<std::string>& words) {
    if (begins(plain, "Self-test Log (NVMe")) nvme_log_ = true;
    // NVMe's rows have no "#": " 0   Short             Completed without error     123  -  -  -  -  -".
    const bool nvme_row =
        nvme_log_ && words.size() >= 4 && is_number(words[0]) && (words[1] == "Short" || words[1] == "Extended");
    if (!nvme_row && words.size() < 4) return false;
    if (!nvme_row && !(words[0] == "#" || (begins(words[0], "#") && is_number(words[0].substr(1))))) return false;
    SelfTest test;
    test.extended = contains(plain, "Extended") || contains(plain, "long");
    test.passed = contains(plain, "Completed without error") ||
                  (contains(plain, "Completed ") && !contains(plain, "Completed:") && contains(plain, "ground"));
    test.failed = contains(plain, "Completed: ") || contains(plain, "Fatal or unknown") ||
                  contains(plain, "Failed in ") || contains(plain, "Completed, segment failed") ||
                  contains(plain, "Completed with failed segment");
    test.running = contains(plain, "in progress");
    if (test.failed && is_number(words.back())) test.lba = std::strtod(words.back().c_str(), nullptr);
    tests_.add(test);
    return true;
  }

  void take_field(const std::string& key, const std::string& value) {
    const auto set = [&](const char* fact) {
      if (const double number = grouped_number(value); number >= 0) reading_.facts[fact] = number;
    };
    if (key == "Device Model" || key == "Model Number" || key == "Product") reading_.model = value;
    if (key == "Model Family") family_ = value;
    if (key == "Serial Number" || key == "Serial number") reading_.serial = value;
    if (key == "Firmware Version" || key == "Revision") reading_.firmware = value;
    if (key == "Rotation Rate") rotation_ = contains(value, "Solid State") ? 1 : std::max(0, std::atoi(value.c_str()));
    if (key == "SMART overall-health self-assessment test result" &&
        (begins(value, "PASSED") || begins(value, "FAILED")))
      reading_.facts["health-failed"] = begins(value, "FAILED") ? 1 : 0;
    if (key == "SMART Health Status") {
      reading_.drive = Drive::scsi;
      if (begins(value, "OK"))
        reading_.facts["health-failed"] = 0;
      else if (contains(value, "TEMPERATURE EXCEEDED"))
        reading_.facts["health-failed"] = 0, reading_.facts["scsi.too-hot"] = 1;
      else if (contains(value, "[asc="))
        reading_.facts["health-failed"] = 1;
    }
    if (key == "Critical Warning") {
      reading_.drive = Drive::nvme;
      add_nvme_warning(static_cast<unsigned>(std::strtoul(value.c_str(), nullptr, 16)), reading_);
    }
    if (key == "Available Spare") spare_ = grouped_number(value);
    if (key == "Available Spare Threshold" && spare_ >= 0 && grouped_number(value) >= 0)
      reading_.facts["nvme.spare-below"] = spare_ < grouped_number(value) ? 1 : 0;
    if (key == "Percentage Used") set("nvme.used");
    if (key == "Media and Data Integrity Errors") set("nvme.media-errors");
    if (key == "Error Information Log Entries") set("nvme.error-log");
    if (key == "Unsafe Shutdowns") set("nvme.unsafe-shutdowns");
    if (key == "Temperature" || key == "Current Drive Temperature" || key == "Current Temperature") set("temperature");
    if (key == "Power On Hours") set("power-on-hours");
    if (key == "Elements in grown defect list") set("scsi.grown-defects");
    if (key == "Percentage used endurance indicator") set("scsi.used");
    if (key == "read" || key == "write" || key == "verify") take_scsi_errors(value);
  }

  /// The last of seven columns is what could not be corrected.
  void take_scsi_errors(const std::string& value) {
    const std::vector<std::string> columns = words_of(value);
    if (columns.size() == 7 && is_number(columns[6]))
      reading_.facts["scsi.uncorrected"] += std::strtod(columns[6].c_str(), nullptr);
  }

  void take_message(const std::string& line) {
    if (contains(line, "Percentage Used Endurance Indicator")) {
      const std::vector<std::string> words = words_of(line);  // "0x07  0x008  1  12  ---  Percentage Used ..."
      if (words.size() > 4 && is_number(words[3])) reading_.facts["ata.used"] = std::strtod(words[3].c_str(), nullptr);
    }
    for (const char* message :
         {"Unknown USB bridge", "Unable to detect device type", "SMART support is: Unavailable", "SMART Disabled",
          "SMART support is: Disabled", "failed: No such device", "Permission denied", "Read Device Identity failed",
          "A mandatory SMART command failed", "Device does not support S", "does not support SMART", "INQUIRY failed"})
      if (problem_.empty() && contains(line, message)) problem_ = "smartctl says: " + line.substr(0, 300);
  }

  std::string why_not_full() const {
    if (!known_ && reading_.facts.empty()) return "This is not what smartctl prints.";
    if (!reading_.has("health-failed"))
      return "The output has no verdict of the drive: it was cut off, or made without -a or -x.";
    return "The output has the drive's own verdict, but not the figures behind it (smartctl -a prints them).";
  }

  Reading reading_;
  SelfTests tests_;
  std::string family_, problem_;
  double spare_ = -1;
  int rotation_ = 0, last_id_ = 0;
  bool known_ = false, nvme_log_ = false, in_table_ = false;
};

}  // namespace

Reading read_text(const std::string& bytes) { return TextReader().read(bytes); }

}  // namespace smart
