// smartctl --json (smartmontools 7): every field may be missing or of another type.
#include <nlohmann/json.hpp>

#include "attributes.hpp"
#include "forms.hpp"

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

void number(const json& value, const char* fact, Reading& reading) {
  if (value.is_number()) reading.facts[fact] = value.get<double>();
}

void read_ata(const json& root, Reading& reading) {
  for (const json& entry : at(root, {"ata_smart_attributes", "table"})) {
    const json& id = at(entry, {"id"});
    const json& raw = at(entry, {"raw", "value"});
    const json& normalized = at(entry, {"value"});
    const std::string when = text(at(entry, {"when_failed"}));
    if (!id.is_number()) continue;
    Attribute attribute{static_cast<int>(id.get<double>()),
                        text(at(entry, {"name"})),
                        text(at(entry, {"raw", "string"})),
                        normalized.is_number() ? static_cast<int>(normalized.get<double>()) : -1,
                        when == "now",
                        when == "past"};
    if (attribute.raw.empty() && raw.is_number()) attribute.raw = raw.dump();
    add_attribute(attribute, reading);
  }
  for (const json& page : at(root, {"ata_device_statistics", "pages"}))
    for (const json& entry : at(page, {"table"}))
      if (text(at(entry, {"name"})) == "Percentage Used Endurance Indicator" && is_true(at(entry, {"flags", "valid"})))
        number(at(entry, {"value"}), "ata.used", reading);
  number(at(root, {"ata_smart_error_log", "summary", "count"}), "errors-logged", reading);
}

bool still_runs(const json& entry) {
  const json& value = at(entry, {"status", "value"});
  return value.is_number() && static_cast<unsigned>(value.get<double>()) >> 4 == 15;
}

/// ATA8-ACS, table 45: the high half of the status is 15 while a test runs, and the low half then counts what is left
/// in tenths. NVMe says it in a log of its own.
void read_running_test(const json& root, Reading& reading) {
  if (const json& status = at(root, {"ata_smart_data", "self_test", "status", "value"}); status.is_number()) {
    const auto value = static_cast<unsigned>(status.get<double>());
    reading.facts["self-test.running"] = value >> 4 == 15 ? 1 : 0;
    reading.facts["self-test.remaining"] = value >> 4 == 15 ? 10.0 * (value & 15u) : 0;
  }
  if (const json& now = at(root, {"nvme_self_test_log", "current_self_test_operation", "value"}); now.is_number()) {
    reading.facts["self-test.running"] = now.get<double>() > 0 ? 1 : 0;
    const json& done = at(root, {"nvme_self_test_log", "current_self_test_completion_percent"});
    if (done.is_number()) reading.facts["self-test.remaining"] = 100 - done.get<double>();
  }
}

void read_self_tests(const json& root, Reading& reading) {
  read_running_test(root, reading);
  SelfTests tests;
  for (const char* log : {"extended", "standard"}) {
    const json& table = at(root, {"ata_smart_self_test_log", log, "table"});
    if (!table.is_array() || table.empty()) continue;
    for (const json& entry : table) {
      const json& passed = at(entry, {"status", "passed"});
      const json& lba = at(entry, {"lba"});
      tests.add({passed.is_boolean() && !passed.get<bool>(), is_true(passed),
                 text(at(entry, {"type", "string"})).find("xtended") != std::string::npos, still_runs(entry),
                 lba.is_number() ? lba.get<double>() : -1});
    }
    break;
  }
  for (const json& entry : at(root, {"nvme_self_test_log", "table"})) {
    const json& result = at(entry, {"self_test_result", "value"});
    const json& lba = at(entry, {"lba"});
    if (!result.is_number()) continue;
    const auto value = static_cast<int>(result.get<double>());  // NVMe 2.0, figure 203: 5 to 7 have failed
    tests.add({value >= 5 && value <= 7, value == 0,
               text(at(entry, {"self_test_code", "string"})).find("xtended") != std::string::npos, false,
               lba.is_number() ? lba.get<double>() : -1});
  }
  tests.finish(reading);
}

void read_nvme(const json& root, Reading& reading) {
  const json& log = at(root, {"nvme_smart_health_information_log"});
  if (!log.is_object()) return;
  reading.drive = Drive::nvme;
  if (const json& warning = at(log, {"critical_warning"}); warning.is_number())
    add_nvme_warning(static_cast<unsigned>(warning.get<double>()), reading);
  number(at(log, {"temperature"}), "temperature", reading);
  number(at(log, {"percentage_used"}), "nvme.used", reading);
  number(at(log, {"media_errors"}), "nvme.media-errors", reading);
  number(at(log, {"num_err_log_entries"}), "nvme.error-log", reading);
  number(at(log, {"unsafe_shutdowns"}), "nvme.unsafe-shutdowns", reading);
  const json& spare = at(log, {"available_spare"});
  const json& threshold = at(log, {"available_spare_threshold"});
  if (spare.is_number() && threshold.is_number())
    reading.facts["nvme.spare-below"] = spare.get<double>() < threshold.get<double>() ? 1 : 0;
}

void read_scsi(const json& root, Reading& reading) {
  if (text(at(root, {"device", "protocol"})) == "SCSI") reading.drive = Drive::scsi;
  for (const char* kind : {"read", "write", "verify"})
    if (const json& errors = at(root, {"scsi_error_counter_log", kind, "total_uncorrected_errors"}); errors.is_number())
      reading.facts["scsi.uncorrected"] += errors.get<double>();
  number(at(root, {"scsi_grown_defect_list"}), "scsi.grown-defects", reading);
  number(at(root, {"scsi_percentage_used_endurance_indicator"}), "scsi.used", reading);
  SelfTests tests;
  for (int i = 0; i < 20; ++i) {
    const json& entry = at(root, {("scsi_self_test_" + std::to_string(i)).c_str()});
    const json& result = at(entry, {"result", "value"});
    const json& lba = at(entry, {"lba_first_failure", "value"});
    if (!result.is_number()) continue;
    const auto value = static_cast<int>(result.get<double>());  // SPC-4, table 414: 3 to 7 have failed
    tests.add({value >= 3 && value <= 7, value == 0,
               text(at(entry, {"code", "string"})).find("long") != std::string::npos, value == 15,
               lba.is_number() ? lba.get<double>() : -1});
    if (i == 0) reading.facts["self-test.running"] = value == 15 ? 1 : 0;
  }
  if (!reading.has("self-test.failed")) tests.finish(reading);
}

std::string messages(const json& root) {
  std::string all;
  for (const json& message : at(root, {"smartctl", "messages"}))
    if (const std::string line = text(at(message, {"string"})); !line.empty()) all += (all.empty() ? "" : "; ") + line;
  return all.substr(0, 500);
}

}  // namespace

Reading read_json(const std::string& bytes) {
  Reading reading;
  const json root = json::parse(bytes, nullptr, false);
  if (root.is_discarded()) return reading.problem = "The JSON is damaged or was cut off.", reading;
  if (!at(root, {"smartctl"}).is_object())
    return reading.problem = "This JSON is not what smartctl --json prints.", reading;
  for (const char* key : {"model_name", "scsi_model_name"})
    if (reading.model.empty()) reading.model = text(at(root, {key}));
  reading.serial = text(at(root, {"serial_number"}));
  reading.firmware = text(at(root, {"firmware_version"}));
  read_ata(root, reading);
  read_nvme(root, reading);
  read_scsi(root, reading);
  read_self_tests(root, reading);
  number(at(root, {"temperature", "current"}), "temperature", reading);
  number(at(root, {"power_on_time", "hours"}), "power-on-hours", reading);
  if (const json& passed = at(root, {"smart_status", "passed"}); passed.is_boolean())
    reading.facts["health-failed"] = passed.get<bool>() ? 0 : 1;
  // smartctl(8), EXIT STATUS: bit 3 is the drive's verdict; bits 0 and 1 say that there was nothing to read.
  const json& exit_status = at(root, {"smartctl", "exit_status"});
  const unsigned bits = exit_status.is_number_unsigned() ? exit_status.get<unsigned>() : 0;
  if ((bits & 8u) != 0) reading.facts["health-failed"] = 1;
  const json& rotation = at(root, {"rotation_rate"});
  const int rate = rotation.is_number() ? std::max(1, static_cast<int>(rotation.get<double>())) : 0;
  decide_kind(rate, text(at(root, {"model_family"})), reading);
  if (!reading.is_full()) {
    const std::string said = messages(root);
    reading.problem = (bits & 3u) != 0 ? "smartctl could not read the drive" : "The drive gives no full SMART data";
    reading.problem += said.empty() ? "." : ": " + said;
  }
  return reading;
}

}  // namespace smart
