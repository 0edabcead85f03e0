// One drive, one reading: text and JSON of the same drive, packed raw values, and figures that no drive can have.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "smart/verdict.hpp"

using namespace smart;
using nlohmann::json;

namespace {

const char* const banner =
    "smartctl 7.4 2023-08-01 r5530 [x86_64-linux-6.1.0] (local build)\n\n"
    "=== START OF INFORMATION SECTION ===\n";
const char* const table_head =
    "\nID# ATTRIBUTE_NAME          FLAG     VALUE WORST THRESH TYPE      UPDATED  WHEN_FAILED RAW_VALUE\n";

struct Row {
  int id;
  std::string name, value, worst, threshold, when, raw;
};

std::string padded(std::string text, size_t width) {
  text.resize(std::max(width, text.size() + 1), ' ');
  return text;
}

std::string as_text(const std::vector<Row>& rows, const std::string& model, const std::string& more = "") {
  std::string text = std::string(banner) + "Device Model:     " + model +
                     "\nSerial Number:    S1\nFirmware Version: F1\nRotation Rate:    7200 rpm\n\n"
                     "SMART overall-health self-assessment test result: PASSED\n" +
                     table_head;
  for (const Row& row : rows)
    text += std::string(row.id < 10    ? "  "
                        : row.id < 100 ? " "
                                       : "") +
            std::to_string(row.id) + " " + padded(row.name, 24) + "0x0032   " + row.value + "   " + row.worst + "   " +
            row.threshold + "    Old_age   Always   " +
            (row.when == "now"    ? "FAILING_NOW "
             : row.when == "past" ? "In_the_past "
                                  : "    -       ") +
            row.raw + "\n";
  return text + "\n" + more;
}

json as_json(const std::vector<Row>& rows, const std::string& model) {
  json table = json::array();
  for (const Row& row : rows) {
    json entry{{"id", row.id}, {"name", row.name}, {"raw", {{"string", row.raw}}}};
    if (row.value != "---") entry["value"] = std::stoi(row.value);
    if (row.worst != "---") entry["worst"] = std::stoi(row.worst);
    if (row.threshold != "---") entry["thresh"] = std::stoi(row.threshold), entry["when_failed"] = row.when;
    table.push_back(entry);
  }
  return {{"smartctl", {{"version", {7, 4}}, {"exit_status", 0}}},
          {"device", {{"name", "/dev/sda"}, {"protocol", "ATA"}}},
          {"model_name", model},
          {"serial_number", "S1"},
          {"firmware_version", "F1"},
          {"rotation_rate", 7200},
          {"smart_status", {{"passed", true}}},
          {"ata_smart_attributes", {{"table", table}}}};
}

void check_same(const Reading& text, const Reading& json) {
  CHECK(text.facts == json.facts);
  CHECK(text.names == json.names);
  CHECK(text.drive == json.drive);
  CHECK(text.model == json.model);
  CHECK(text.serial == json.serial);
  CHECK(text.firmware == json.firmware);
}

std::string verdict_of(const Reading& reading) {
  const Verdict verdict = judge(reading);
  std::string text = name(verdict.result);
  for (const Finding& finding : verdict.findings) text += " " + finding.code;
  return text;
}

json sas() {
  return {{"smartctl", {{"version", {7, 4}}, {"exit_status", 0}}},
          {"device", {{"protocol", "SCSI"}}},
          {"scsi_vendor", "MAKER"},
          {"scsi_product", "S1000"},
          {"scsi_revision", "R1"},
          {"serial_number", "S1"},
          {"smart_status", {{"passed", true}}},
          {"scsi_grown_defect_list", 0}};
}

json nvme() {
  return {{"smartctl", {{"version", {7, 4}}, {"exit_status", 0}}},
          {"model_name", "MAKER N1"},
          {"serial_number", "S1"},
          {"firmware_version", "F1"},
          {"smart_status", {{"passed", true}}},
          {"nvme_smart_health_information_log",
           {{"critical_warning", 0},
            {"temperature", 40},
            {"available_spare", 100},
            {"available_spare_threshold", 10},
            {"percentage_used", 3},
            {"media_errors", 0},
            {"num_err_log_entries", 12},
            {"power_on_hours", 24011},
            {"unsafe_shutdowns", 9}}}};
}

}  // namespace

TEST_CASE("an ATA drive reads the same as text and as JSON") {
  const std::vector<Row> rows = {{1, "Raw_Read_Error_Rate", "083", "064", "044", "", "0/197341256"},
                                 {3, "Spin_Up_Time", "090", "090", "000", "", "0"},
                                 {5, "Reallocated_Sector_Ct", "100", "100", "010", "", "8 (0 3)"},
                                 {9, "Power_On_Hours", "070", "070", "000", "", "22000h+12m+01.123s"},
                                 {188, "Command_Timeout", "100", "099", "000", "", "1 1 120"},
                                 {190, "Airflow_Temperature_Cel", "065", "040", "045", "past", "35 (Min/Max 20/45)"},
                                 {194, "Temperature_Celsius", "035", "060", "000", "", "35 (0 15 0 0 0)"},
                                 {195, "Hardware_ECC_Recovered", "083", "064", "000", "", "0/197341256"},
                                 {197, "Current_Pending_Sector", "100", "100", "000", "", "3"},
                                 {240, "Head_Flying_Hours", "100", "253", "000", "", "21995h+10m+31.402s"},
                                 {241, "Total_LBAs_Written", "100", "253", "---", "", "56812398712"}};
  const std::string more =
      "General SMART Values:\nSelf-test execution status:      ( 249)\tSelf-test routine in progress...\n"
      "SMART Error Log Version: 1\nATA Error Count: 7 (device log contains only the most recent five errors)\n\n"
      "SMART Self-test log structure revision number 1\n"
      "Num  Test_Description    Status                  Remaining  LifeTime(hours)  LBA_of_first_error\n"
      "# 1  Short offline       Completed: read failure       90%     21990         12345678\n"
      "# 2  Extended offline    Aborted by host               90%     21000         -\n\n";
  json document = as_json(rows, "ST4000NM0035");
  document["temperature"]["current"] = 35;
  document["power_on_time"]["hours"] = 22000;
  document["ata_smart_data"]["self_test"]["status"]["value"] = 249;
  document["ata_smart_error_log"]["summary"]["count"] = 7;
  document["ata_smart_self_test_log"]["standard"]["table"] = {
      {{"type", {{"string", "Short offline"}}}, {"status", {{"value", 121}, {"passed", false}}}, {"lba", 12345678}},
      {{"type", {{"string", "Extended offline"}}}, {"status", {{"value", 25}}}}};
  const Reading text = read(as_text(rows, "ST4000NM0035", more)), other = read(document.dump());
  check_same(text, other);
  check_same(text, read(document.dump(1)));
  CHECK(text.value("attribute.5") == 8);
  CHECK(text.value("attribute.188") == 120);
  CHECK(text.value("temperature") == 35);
  CHECK(text.value("power-on-hours") == 22000);
  CHECK(text.value("self-test.remaining") == 90);
  CHECK(text.value("errors-logged") == 7);
  CHECK(verdict_of(text) == "fail self-test-failed pending-sectors was-too-hot reallocated-few command-timeouts");
  document.erase("temperature");
  document.erase("power_on_time");
  check_same(text, read(document.dump()));
}

TEST_CASE("the standard's statistics come before the maker's attributes, in text and in JSON") {
  std::vector<Row> rows = {{9, "Power_On_Hours", "100", "100", "000", "", "500"},
                           {231, "SSD_Life_Left", "010", "010", "000", "", "10"}};
  json document = as_json(rows, "MAKER SSD");
  document["ata_device_statistics"]["pages"] = {
      {{"table", {{{"name", "Percentage Used Endurance Indicator"}, {"value", 4}, {"flags", {{"valid", true}}}}}}}};
  for (const char* row : {"0x07  0x008  1               4  N--  Percentage Used Endurance Indicator\n",
                          "  7  0x008  1               4~ Percentage Used Endurance Indicator\n"}) {
    const Reading text = read(as_text(rows, "MAKER SSD", std::string("Device Statistics (GP Log 0x04)\n") + row));
    check_same(text, read(document.dump()));
    CHECK(text.value("ata.used") == 4);
  }
}

TEST_CASE("the table in hexadecimal reads as the table in decimal") {
  const std::string head = std::string(banner) + "SMART overall-health self-assessment test result: PASSED\n";
  const Reading hex = read(head +
                           "ID#  ATTRIBUTE_NAME          FLAGS    VALUE WORST THRESH FAIL RAW_VALUE\n"
                           "0xc5 Current_Pending_Sector  -O--CK   0xc8  0xc8  0x00   -    8\n");
  CHECK(hex.value("attribute.197") == 8);
  CHECK(verdict_of(hex) == "marginal pending-sectors");
}

TEST_CASE("a SAS drive reads the same as text and as JSON") {
  json document = sas();
  document["scsi_pending_defects"]["count"] = 24;
  document["scsi_error_counter_log"] = {{"read", {{"total_uncorrected_errors", 2}}},
                                        {"write", {{"total_uncorrected_errors", 1}}}};
  document["scsi_percentage_used_endurance_indicator"] = 81;
  document["scsi_environmental_reports"] = {{"temperature_1", {{"current", "unknown"}}},
                                            {"temperature_2", {{"current", 41}}}};
  document["power_on_time"] = {{"hours", 31000}, {"minutes", 12}};
  document["scsi_self_test_0"] = {{"code", {{"string", "Background short"}}}, {"result", {{"value", 3}}}};
  document["scsi_self_test_1"] = {{"code", {{"string", "Background long"}}},
                                  {"result", {{"value", 7}}},
                                  {"lba_first_failure", {{"value", 109273}}}};
  const std::string text =
      std::string(banner) +
      "Vendor:               MAKER\nProduct:              S1000\nRevision:             R1\nSerial number:        S1\n\n"
      "SMART Health Status: OK\n\nPercentage used endurance indicator: 81%\nCurrent temperature = unknown\n"
      "Lifetime maximum temperature = 68\nCurrent temperature = 41\n\n"
      "Accumulated power on time, hours:minutes 31000:12\nElements in grown defect list: 0\n\nError counter log:\n"
      "read:   1034        0         0      1034       1034       4041.220           2\n"
      "write:     0        0         0         0          0       1200.500           1\n\n"
      "  Pending defect count:24 Pending Defects: index, LBA and accumulated_power_on_hours follow\n"
      "     1:  0x12d687          ,  31000\n\nSMART Self-test log\n"
      "# 1  Background short  Unknown error, incomplete   -   30000                 - [-   -    -]\n"
      "# 2  Background long   Failed in segment -->       3   29000            109273 [0x3 0x11 0x0]\n";
  check_same(read(text), read(document.dump()));
  CHECK(verdict_of(read(text)) == "fail self-test-failed scsi-pending scsi-uncorrected worn");
  CHECK(read(text).value("self-test.lba") == 109273);
}

TEST_CASE("an NVMe drive reads the same as text and as JSON") {
  json document = nvme();
  document["nvme_self_test_log"] = {
      {"current_self_test_operation", {{"value", 2}}},
      {"current_self_test_completion_percent", 30},
      {"table",
       {{{"self_test_code", {{"string", "Short"}}}, {"self_test_result", {{"value", 0}}}, {"power_on_hours", 24000}}}}};
  const std::string text =
      std::string(banner) +
      "Model Number:                       MAKER N1\nSerial Number:                      S1\n"
      "Firmware Version:                   F1\n\nSMART overall-health self-assessment test result: PASSED\n\n"
      "SMART/Health Information (NVMe Log 0x02)\nCritical Warning:                   0x00\n"
      "Temperature:                        40 Celsius\nAvailable Spare:                    100%\n"
      "Available Spare Threshold:          10%\nPercentage Used:                    3%\n"
      "Power On Hours:                     24,011\nUnsafe Shutdowns:                   9\n"
      "Media and Data Integrity Errors:    0\nError Information Log Entries:      12\n\n"
      "Error Information (NVMe Log 0x01, 16 of 63 entries)\nNo Errors Logged\n\n"
      "Self-test Log (NVMe Log 0x06)\nSelf-test status: Extended self-test in progress (30% completed)\n"
      "Num  Test_Description  Status                       Power_on_Hours  Failing_LBA  NSID Seg SCT Code\n"
      " 0   Short             Completed without error               24000            -     -   -   -    -\n";
  check_same(read(text), read(document.dump()));
  CHECK(read(text).value("self-test.remaining") == 70);
}

TEST_CASE("counters that are packed into one raw value are told apart") {
  const struct {
    int id;
    const char* name;
    std::string raw;
    double value;
  } cases[] = {
      {188, "Command_Timeout", "65537", 1},
      {188, "Command_Timeout", "8590065668", 4},
      {188, "Command_Timeout", "0 1 1", 1},
      {188, "Command_Timeout", "2 2 4", 4},
      {188, "Command_Timeout", "101", 101},
      {5, "Reallocated_Sector_Ct", "8589934592000", 0},
      {5, "Reallocated_Sector_Ct", "12 (7 9)", 12},
      {5, "Reallocated_Sector_Ct", "131084", 12},
      {196, "Reallocated_Event_Count", "3 (1 0)", 3},
      {197, "Current_Pending_Sector", "4295032833", 1},
      {198, "Offline_Uncorrectable", "0 0 0 0 1 2", 258},
      {199, "UDMA_CRC_Error_Count", "70000", 70000},
      {187, "Reported_Uncorrect", "0x000000000007", 7},
  };
  for (const auto& c : cases) {
    INFO(c.id << " " << c.raw);
    const std::vector<Row> rows = {{c.id, c.name, "100", "100", "000", "", c.raw}};
    const Reading text = read(as_text(rows, "ST4000NM0035") + "\n"), other = read(as_json(rows, "ST4000NM0035").dump());
    check_same(text, other);
    CHECK(other.value("attribute." + std::to_string(c.id), -1) == c.value);
    if (c.raw.find_first_not_of("0123456789") != std::string::npos) continue;
    json number = as_json(rows, "ST4000NM0035");
    number["ata_smart_attributes"]["table"][0]["raw"] = {{"value", std::stod(c.raw)}};
    CHECK(read(number.dump()).value("attribute." + std::to_string(c.id), -1) == c.value);
  }
}

TEST_CASE("a temperature is the lowest byte, and no temperature is no fault") {
  const struct {
    const char* raw;
    double celsius;
  } cases[] = {{"35 (Min/Max 20/45)", 35},
               {"146028888092", 28},
               {"35 (0 15 0 0 0)", 35},
               {"28.5", 28},
               {"255", -1},
               {"127", -1},
               {"128", -1},
               {"0", -1},
               {"-5", -1},
               {"120", -1}};
  for (const auto& c : cases) {
    INFO(c.raw);
    const std::vector<Row> rows = {{194, "Temperature_Celsius", "100", "100", "000", "", c.raw},
                                   {198, "Offline_Uncorrectable", "100", "100", "000", "", "0"}};
    const Reading reading = read(as_text(rows, "MAKER D1"));
    check_same(reading, read(as_json(rows, "MAKER D1").dump()));
    CHECK(reading.value("temperature", -1) == c.celsius);
    CHECK(verdict_of(reading) == "pass");
  }
}

TEST_CASE("a figure that no drive can have is not known, and never a fault") {
  for (const char* raw : {"-1", "65535", "4294967295", "281474976710655", "18446744073709551615", "65535 65535 65535",
                          "16777215", "2000000", "1e300"})
    for (const auto& [id, name] : {std::pair{5, "Reallocated_Sector_Ct"}, std::pair{187, "Reported_Uncorrect"},
                                   std::pair{197, "Current_Pending_Sector"}, std::pair{198, "Offline_Uncorrectable"}}) {
      INFO(id << " " << raw);
      const std::vector<Row> rows = {{id, name, "100", "100", "000", "", raw},
                                     {199, "UDMA_CRC_Error_Count", "100", "100", "000", "", "0"}};
      const Reading reading = read(as_text(rows, "MAKER D1"));
      check_same(reading, read(as_json(rows, "MAKER D1").dump()));
      CHECK(verdict_of(reading) == "pass not-known");
    }
  for (const char* raw : {"nan", "inf", "", "?"}) {
    const std::vector<Row> rows = {{197, "Current_Pending_Sector", "100", "100", "000", "", raw}};
    CHECK(verdict_of(read(as_json(rows, "MAKER D1").dump())) == "pass");
  }
  const std::vector<Row> unset = {{5, "Reallocated_Sector_Ct", "000", "000", "010", "now", "0"},
                                  {10, "Spin_Retry_Count", "100", "100", "255", "now", "0"},
                                  {7, "Seek_Error_Rate", "100", "000", "030", "past", "0"},
                                  {198, "Offline_Uncorrectable", "100", "100", "000", "", "0"}};
  CHECK(verdict_of(read(as_text(unset, "MAKER D1"))) == "pass");
  check_same(read(as_text(unset, "MAKER D1")), read(as_json(unset, "MAKER D1").dump()));
  struct Field {
    const char* key;
    json value;
  };
  for (const auto& [key, value] :
       {Field{"critical_warning", 64}, Field{"temperature", -273}, Field{"temperature", 65262},
        Field{"available_spare", 255}, Field{"available_spare", 0}, Field{"available_spare", -1},
        Field{"percentage_used", -1}, Field{"percentage_used", 65535}, Field{"media_errors", -1},
        Field{"media_errors", 65535}, Field{"media_errors", 18446744073709551615ull}, Field{"media_errors", 3.4e38}}) {
    json document = nvme();
    document["nvme_smart_health_information_log"][key] = value;
    INFO(key << value);
    CHECK(judge(read(document.dump())).result == Result::pass);
  }
  json never_filled = nvme();
  never_filled["nvme_smart_health_information_log"]["critical_warning"] = 255;
  never_filled["smart_status"]["passed"] = false;
  CHECK(judge(read(never_filled.dump())).result == Result::inconclusive);
  for (const json& value : {json(-1), json(4294967295u), json(18446744073709551615ull)}) {
    json document = sas();
    document["scsi_pending_defects"]["count"] = value;
    document["scsi_error_counter_log"]["read"]["total_uncorrected_errors"] = value;
    INFO(document.dump());
    CHECK(verdict_of(read(document.dump())) == "pass not-known not-known");
    document["scsi_grown_defect_list"] = value;  // now nothing is known
    CHECK(judge(read(document.dump())).result == Result::inconclusive);
  }
}

TEST_CASE("a list of grown defects is counted in elements, also where smartctl counted bytes") {
  const struct {
    int major, minor, written, elements;
  } cases[] = {{7, 0, 56, 7}, {7, 1, 56, 7}, {7, 1, 12, 3}, {7, 1, 0, 0}, {7, 2, 56, 56}, {7, 3, 8, 8}, {7, 4, 56, 56}};
  for (const auto& c : cases) {
    json document = sas();
    document["smartctl"]["version"] = {c.major, c.minor};
    document["scsi_grown_defect_list"] = c.written;
    CHECK(read(document.dump()).value("scsi.grown-defects") == c.elements);
  }
}

TEST_CASE("defects that smartctl 7.2 counts before its JSON are of the drive that follows") {
  const std::string document = sas().dump();
  CHECK(verdict_of(read("  Pending defect count:24 Pending Defects: index\n" + document)) == "marginal scsi-pending");
  CHECK(verdict_of(read("  Pending defect count:0 Pending Defects\n" + document)) == "pass");
  CHECK(verdict_of(read("  Pending defect count:" + document)) == "pass");
  const std::vector<Reading> two = read_all("  Pending defect count:24 Pending Defects: index\n" + document +
                                            "\n  Pending defect count:0 Pending Defects\n" + document);
  REQUIRE(two.size() == 2);
  CHECK(two[0].value("scsi.pending") == 24);
  CHECK(two[1].value("scsi.pending") == 0);
}
