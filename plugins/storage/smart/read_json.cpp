// smartctl --json (smartmontools 7): every field may be missing or of another type.
#include <cmath>
#include <nlohmann/json.hpp>

#include "attributes.hpp"
#include "counts.hpp"
#include "forms.hpp"
#include "scsi.hpp"

namespace smart {
namespace {

using nlohmann::json;

/// The value at a path of keys; null where there is none.
const json& at(const json& from, std::initializer_list<const char*> keys) {
  static const json nothing;
  const json* place = &from;
  for (const char* key : keys) {
    if (!place->is_object()) return nothing;
    const auto found = place->find(key);
    if (found == place->end()) return nothing;
    place = &*found;
  }
  return *place;
}

std::string text(const json& value) { return value.is_string() ? value.get<std::string>() : std::string(); }
bool is_true(const json& value) { return value.is_boolean() && value.get<bool>(); }

/// NaN where there is no number.
double number(const json& value) { return value.is_number() ? value.get<double>() : std::nan(""); }

/// A whole number between 0 and `most`; -1 where there is none.
int small(const json& value, int most = 255) {
  const double found = number(value);
  return found >= 0 && found <= most ? static_cast<int>(found) : -1;
}

void count(const json& value, const char* fact, const char* name, Reading& reading) {
  if (value.is_number()) add_count(fact, name, number(value), reading);
}

/// The first of several names that a field has had.
std::string first_text(const json& root, std::initializer_list<const char*> keys) {
  for (const char* key : keys)
    if (std::string found = text(at(root, {key})); !found.empty()) return found;
  return {};
}

void read_statistics(const json& root, Reading& reading) {
  for (const json& page : at(root, {"ata_device_statistics", "pages"}))
    for (const json& entry : at(page, {"table"}))
      if (const json& valid = at(entry, {"flags", "valid"});
          text(at(entry, {"name"})) == "Percentage Used Endurance Indicator" && (valid.is_null() || is_true(valid)))
        add_used("ata.used", number(at(entry, {"value"})), reading);
}

void read_ata(const json& root, Reading& reading) {
  read_statistics(root, reading);
  for (const char* log : {"summary", "extended"})
    if (const double errors = number(at(root, {"ata_smart_error_log", log, "count"})); errors >= 0)
      reading.facts["errors-logged"] = errors;
  AtaDrive drive;
  drive.family = text(at(root, {"model_family"}));
  const int rotation = small(at(root, {"rotation_rate"}), 100000);
  drive.rotation = rotation == 0 ? 1 : std::max(rotation, 0);
  for (const json& entry : at(root, {"ata_smart_attributes", "table"})) {
    const json& raw = at(entry, {"raw", "value"});
    const std::string when = text(at(entry, {"when_failed"}));
    Attribute attribute{small(at(entry, {"id"})),
                        text(at(entry, {"name"})),
                        text(at(entry, {"raw", "string"})),
                        small(at(entry, {"value"})),
                        small(at(entry, {"worst"})),
                        small(at(entry, {"thresh"})),
                        when == "now",
                        when == "past"};
    if (attribute.id < 1) continue;
    if (attribute.raw.empty() && raw.is_number()) attribute.raw = raw.dump();
    drive.attributes.push_back(attribute);
  }
  add_attributes(drive, reading);
}

bool still_runs(const json& entry) { return small(at(entry, {"status", "value"})) >> 4 == 15; }

/// ATA8-ACS, table 45: the high half of the status is 15 while a test runs, and the low half then counts what is left
/// in tenths. NVMe says it in a log of its own.
void read_running_test(const json& root, Reading& reading) {
  if (const int status = small(at(root, {"ata_smart_data", "self_test", "status", "value"})); status >= 0) {
    reading.facts["self-test.running"] = status >> 4 == 15 ? 1 : 0;
    reading.facts["self-test.remaining"] = status >> 4 == 15 ? 10.0 * (status & 15) : 0;
  }
  if (const int now = small(at(root, {"nvme_self_test_log", "current_self_test_operation", "value"})); now >= 0) {
    reading.facts["self-test.running"] = now > 0 ? 1 : 0;
    const int done = small(at(root, {"nvme_self_test_log", "current_self_test_completion_percent"}), 100);
    if (done >= 0) reading.facts["self-test.remaining"] = 100 - done;
  }
}

void read_self_tests(const json& root, Reading& reading) {
  read_running_test(root, reading);
  SelfTests tests;
  const auto block = [](const json& lba) { return lba.is_number() ? number(lba) : -1; };
  for (const char* log : {"extended", "standard"}) {
    const json& table = at(root, {"ata_smart_self_test_log", log, "table"});
    if (!table.is_array() || table.empty()) continue;
    for (const json& entry : table) {
      const json& passed = at(entry, {"status", "passed"});
      tests.add({passed.is_boolean() && !passed.get<bool>(), is_true(passed),
                 text(at(entry, {"type", "string"})).find("xtended") != std::string::npos, still_runs(entry),
                 block(at(entry, {"lba"}))});
    }
    break;
  }
  for (const json& entry : at(root, {"nvme_self_test_log", "table"})) {
    const int result = small(at(entry, {"self_test_result", "value"}));  // NVMe 2.0, figure 203: 5 to 7 have failed
    const json& lba = at(entry, {"lba", "value"}).is_number() ? at(entry, {"lba", "value"}) : at(entry, {"lba"});
    if (result < 0) continue;
    tests.add({result >= 5 && result <= 7, result == 0,
               text(at(entry, {"self_test_code", "string"})).find("xtended") != std::string::npos, false, block(lba)});
  }
  // SPC-4, table 414: 4 to 7 have failed; 3 is a test that could not come to its end, for whatever reason.
  for (int i = 0; i < 20; ++i) {
    const json& entry = at(root, {("scsi_self_test_" + std::to_string(i)).c_str()});
    const int result = small(at(entry, {"result", "value"}));
    if (result < 0) continue;
    if (i == 0) reading.facts["self-test.running"] = result == 15 ? 1 : 0;
    tests.add({result >= 4 && result <= 7, result == 0,
               text(at(entry, {"code", "string"})).find("long") != std::string::npos, result == 15,
               block(at(entry, {"lba_first_failure", "value"}))});
  }
  tests.finish(reading);
}

void read_nvme(const json& root, Reading& reading) {
  const json& log = at(root, {"nvme_smart_health_information_log"});
  if (!log.is_object()) return;
  reading.drive = Drive::nvme;
  if (const int warning = small(at(log, {"critical_warning"})); warning >= 0)
    add_nvme_warning(static_cast<unsigned>(warning), reading);
  add_nvme_spare(number(at(log, {"available_spare"})), number(at(log, {"available_spare_threshold"})), reading);
  add_used("nvme.used", number(at(log, {"percentage_used"})), reading);
  if (is_temperature(number(at(log, {"temperature"})))) reading.facts["temperature"] = number(at(log, {"temperature"}));
  count(at(log, {"media_errors"}), "nvme.media-errors", "Media and Data Integrity Errors", reading);
  count(at(log, {"num_err_log_entries"}), "nvme.error-log", "Error Information Log Entries", reading);
  count(at(log, {"unsafe_shutdowns"}), "nvme.unsafe-shutdowns", "Unsafe Shutdowns", reading);
  if (const double hours = number(at(log, {"power_on_hours"})); hours >= 0 && hours < 16777215)
    reading.facts["power-on-hours"] = hours;
}

/// 7.0 and 7.1 were the first with JSON.
bool counts_bytes(const json& root) {
  const json& version = at(root, {"smartctl", "version"});
  if (!version.is_array() || version.size() < 2) return false;
  const int major = small(version[0]), minor = small(version[1]);
  return major == 7 && (minor == 0 || minor == 1);
}

void read_scsi(const json& root, Reading& reading) {
  const json& grown = at(root, {"scsi_grown_defect_list"});
  const json& errors = at(root, {"scsi_error_counter_log"});
  if (text(at(root, {"device", "protocol"})) == "SCSI" || grown.is_number() || errors.is_object())
    reading.drive = Drive::scsi;
  for (const char* kind : {"read", "write", "verify"})
    if (const json& failed = at(errors, {kind, "total_uncorrected_errors"}); failed.is_number())
      add_uncorrected(number(failed), reading);
  const double elements = counts_bytes(root) ? elements_of_grown_list(number(grown)) : number(grown);
  if (!std::isnan(elements)) add_count("scsi.grown-defects", "Grown defects", elements, reading);
  add_pending_defects(number(at(root, {"scsi_pending_defects", "count"})), reading);
  add_used("scsi.used", number(at(root, {"scsi_percentage_used_endurance_indicator"})), reading);
  const json& code = at(root, {"smart_status", "scsi", "asc"});
  if (code.is_number() && at(root, {"smart_status", "passed"}) == false)
    add_scsi_health(small(code), small(at(root, {"smart_status", "scsi", "ascq"})),
                    text(at(root, {"smart_status", "scsi", "ie_string"})), reading);
  for (int i = 1; i <= 50; ++i)
    add_environment_temperature(
        number(at(root, {"scsi_environmental_reports", ("temperature_" + std::to_string(i)).c_str(), "current"})),
        reading);
}

/// The drive's own verdict, where its kind has no better one.
void read_health(const json& root, unsigned exit_bits, Reading& reading) {
  if (reading.has("health-failed")) return;
  if (const json& passed = at(root, {"smart_status", "passed"}); passed.is_boolean())
    reading.facts["health-failed"] = passed.get<bool>() ? 0 : 1;
  // smartctl(8), EXIT STATUS: bit 3 is the drive's verdict.
  if ((exit_bits & 8u) != 0) reading.facts["health-failed"] = 1;
}

std::string messages(const json& root) {
  std::string all;
  for (const json& message : at(root, {"smartctl", "messages"}))
    if (const std::string line = text(at(message, {"string"})); !line.empty()) all += (all.empty() ? "" : "; ") + line;
  return all.substr(0, 500);
}

Reading read_drive(const json& root) {
  Reading reading;
  reading.model = first_text(root, {"model_name", "scsi_model_name"});
  if (reading.model.empty()) {
    const std::string maker = first_text(root, {"scsi_vendor", "vendor"});
    const std::string product = first_text(root, {"scsi_product", "product"});
    reading.model = maker + (maker.empty() || product.empty() ? "" : " ") + product;
  }
  reading.serial = text(at(root, {"serial_number"}));
  reading.firmware = first_text(root, {"firmware_version", "scsi_revision", "revision"});
  reading.device = text(at(root, {"device", "info_name"}));
  if (reading.device.empty()) reading.device = text(at(root, {"device", "name"}));
  if (const double hours = number(at(root, {"power_on_time", "hours"})); hours >= 0 && hours < 16777215)
    reading.facts["power-on-hours"] = hours;
  if (const double celsius = number(at(root, {"temperature", "current"})); is_temperature(celsius))
    reading.facts["temperature"] = celsius;
  read_scsi(root, reading);
  read_nvme(root, reading);
  read_ata(root, reading);
  read_self_tests(root, reading);
  const json& exit_status = at(root, {"smartctl", "exit_status"});
  const unsigned bits = exit_status.is_number_unsigned() ? exit_status.get<unsigned>() : 0;
  read_health(root, bits, reading);
  if (!reading.is_full()) {
    const std::string said = messages(root);
    // Bits 0 and 1 say that there was nothing to read.
    reading.problem = (bits & 3u) != 0 ? "smartctl could not read the drive" : "The drive gives no full SMART data";
    reading.problem += said.empty() ? "." : ": " + said;
  }
  return reading;
}

/// smartctl's documents, wherever they are in what somebody has put around them.
void collect(const json& value, int depth, std::vector<Reading>& all) {
  if (depth > 8) return;
  const bool is_list = at(value, {"devices"}).is_array() && at(value, {"device"}).is_null();  // smartctl --scan
  if (at(value, {"smartctl"}).is_object() && !is_list) return all.push_back(read_drive(value));
  if (value.is_object() || value.is_array())
    for (const json& inner : value) collect(inner, depth + 1, all);
}

}  // namespace

std::vector<Reading> read_json(const std::string& document) {
  std::vector<Reading> all;
  // Not the SDK's strict reader: smartctl writes counts of 128 bits. Deeper than its documents go nothing is kept.
  constexpr int most_depth = 64;
  const auto shallow = [](int depth, json::parse_event_t, const json&) { return depth <= most_depth; };
  const json root = json::parse(document, shallow, false);
  if (root.is_discarded()) {
    all.emplace_back();
    all.back().problem = "The JSON is damaged or was cut off.";
    return all;
  }
  collect(root, 0, all);
  return all;
}

}  // namespace smart
