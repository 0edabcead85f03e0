// The rules on what drives say of themselves: from smartctl's JSON, from its text, and from whatever else comes.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <random>

#include "smart/verdict.hpp"

using namespace smart;
using nlohmann::json;

namespace {

json ata(int rotation = 5400) {
  return {{"smartctl", {{"version", {7, 3}}, {"exit_status", 0}}},
          {"device", {{"protocol", "ATA"}}},
          {"model_name", "MAKER D1"},
          {"serial_number", "S1"},
          {"rotation_rate", rotation},
          {"smart_status", {{"passed", true}}},
          {"temperature", {{"current", 35}}},
          {"ata_smart_attributes", {{"table", json::array()}}}};
}

json with(json drive, int id, const char* name, double raw, const char* when = "") {
  drive["ata_smart_attributes"]["table"].push_back({{"id", id},
                                                    {"name", name},
                                                    {"value", 100},
                                                    {"thresh", 10},
                                                    {"when_failed", when},
                                                    {"raw", {{"value", raw}, {"string", json(raw).dump()}}}});
  return drive;
}

json nvme() {
  return {{"smartctl", {{"exit_status", 0}}},
          {"device", {{"protocol", "NVMe"}}},
          {"model_name", "MAKER N1"},
          {"smart_status", {{"passed", true}}},
          {"nvme_smart_health_information_log",
           {{"critical_warning", 0},
            {"available_spare", 100},
            {"available_spare_threshold", 10},
            {"percentage_used", 3},
            {"media_errors", 0},
            {"num_err_log_entries", 0},
            {"unsafe_shutdowns", 0}}}};
}

json nvme_with(const char* key, int value) {
  json drive = nvme();
  drive["nvme_smart_health_information_log"][key] = value;
  return drive;
}

json self_tests(std::initializer_list<std::pair<const char*, int>> newest_first) {
  json drive = with(ata(), 9, "Power_On_Hours", 5);
  json table = json::array();
  for (const auto& [type, status] : newest_first) {
    json entry{{"type", {{"string", type}}}, {"status", {{"value", status}}}, {"lba", 4711}};
    if (status == 0) entry["status"]["passed"] = true;
    if (status >= 0x30) entry["status"]["passed"] = false;
    table.push_back(entry);
  }
  drive["ata_smart_self_test_log"]["standard"]["table"] = table;
  return drive;
}

std::string verdict_of(const std::string& bytes) {
  const Verdict verdict = judge(read(bytes));
  std::string text = name(verdict.result);
  for (const Finding& finding : verdict.findings) text += " " + finding.code;
  return text;
}

const char* const text_head =
    "smartctl 7.3 2022-02-28 r5338 [x86_64-linux-6.1.0] (local build)\n\n=== START OF INFORMATION SECTION ===\n"
    "Device Model:     MAKER D1000\nSerial Number:    S123\nRotation Rate:    5400 rpm\n\n"
    "=== START OF READ SMART DATA SECTION ===\n";
const char* const text_passed = "SMART overall-health self-assessment test result: PASSED\n";
const char* const text_attributes =
    "ID# ATTRIBUTE_NAME          FLAG     VALUE WORST THRESH TYPE      UPDATED  WHEN_FAILED RAW_VALUE\n"
    "  1 Raw_Read_Error_Rate     0x002f   200   200   051    Pre-fail  Always       -       0\n"
    "  9 Power_On_Hours          0x0032   070   070   000    Old_age   Always       -       22000\n"
    "194 Temperature_Celsius     0x0022   115   103   000    Old_age   Always       -       35 (Min/Max 20/45)\n";

}  // namespace

TEST_CASE("each rule on a drive's own figures says what it must, for the kinds of drive that it is about") {
  const json hdd = with(ata(), 9, "Power_On_Hours", 5), ssd = with(ata(0), 9, "Power_On_Hours", 5);
  json failed = hdd, hot = hdd;
  failed["smart_status"]["passed"] = false;
  hot["temperature"]["current"] = 66;
  const struct {
    const char* expected;
    json drive;
  } cases[] = {
      {"pass", hdd},
      {"pass", ssd},
      {"fail health-failed", failed},
      {"marginal hot", hot},
      {"pass reallocated-few", with(hdd, 5, "Reallocated_Sector_Ct", 10)},
      {"marginal reallocated-many", with(hdd, 5, "Reallocated_Sector_Ct", 11)},
      {"pass reallocated-few", with(ssd, 5, "Reallocated_Sector_Ct", 100)},
      {"marginal reallocated-many", with(ssd, 5, "Reallocated_Sector_Ct", 101)},
      {"marginal pending-sectors", with(hdd, 197, "Current_Pending_Sector", 1)},
      {"pass pending-on-ssd", with(ssd, 197, "Current_Pending_Sector", 1)},
      {"pass", with(ssd, 197, "Total_Host_Writes", 12345)},
      {"marginal uncorrectable-offline", with(hdd, 198, "Offline_Uncorrectable", 1)},
      {"marginal reported-uncorrectable", with(hdd, 187, "Reported_Uncorrect", 1)},
      {"marginal reported-uncorrectable", with(ssd, 187, "Uncorrectable_Error_Cnt", 1)},
      {"pass", with(ssd, 188, "Command_Timeout", 5000)},
      {"pass", with(hdd, 188, "Command_Timeout", 100)},
      {"pass command-timeouts", with(hdd, 188, "Command_Timeout", 101)},
      {"pass cable-errors", with(hdd, 199, "UDMA_CRC_Error_Count", 7)},
      {"fail attribute-failing", with(hdd, 1, "Raw_Read_Error_Rate", 0, "now")},
      {"marginal attribute-failed-before", with(hdd, 1, "Raw_Read_Error_Rate", 0, "past")},
      {"marginal too-hot-now", with(hdd, 190, "Airflow_Temperature_Cel", 50, "now")},
      {"pass was-too-hot", with(hdd, 190, "Airflow_Temperature_Cel", 50, "past")},
      {"pass", with(hdd, 188, "Command_Timeout", 4295032833.0)},  // 1 1 1 in three fields of 16 bits
      {"pass", nvme()},
      {"fail nvme-spare-low", nvme_with("critical_warning", 1)},
      {"marginal nvme-temperature", nvme_with("critical_warning", 2)},
      {"fail nvme-not-reliable", nvme_with("critical_warning", 4)},
      {"fail nvme-read-only", nvme_with("critical_warning", 8)},
      {"fail nvme-backup-failed", nvme_with("critical_warning", 16)},
      {"fail nvme-spare-low nvme-read-only", nvme_with("critical_warning", 9)},
      {"fail nvme-spare-below-threshold", nvme_with("available_spare", 9)},
      {"marginal worn", nvme_with("percentage_used", 80)},
      {"pass", nvme_with("percentage_used", 79)},
      {"marginal nvme-media-errors", nvme_with("media_errors", 1)},
      {"pass nvme-error-log", nvme_with("num_err_log_entries", 900)},
      {"pass unsafe-shutdowns", nvme_with("unsafe_shutdowns", 50)},
      {"pass", self_tests({{"Short offline", 0}})},
      {"fail self-test-failed", self_tests({{"Short offline", 0x70}})},
      {"pass", self_tests({{"Short offline", 0x10}, {"Short offline", 0x20}})},  // ended by the user
      {"fail self-test-failed", self_tests({{"Short offline", 0}, {"Extended offline", 0x70}})},
      {"pass", self_tests({{"Extended offline", 0}, {"Extended offline", 0x70}})},
  };
  for (const auto& c : cases) {
    INFO(c.drive.dump());
    CHECK(verdict_of(c.drive.dump()) == c.expected);
  }
}

TEST_CASE("a drive that is too hot is not called dying, whatever its own verdict says") {
  json drive = nvme_with("critical_warning", 2);
  drive["smart_status"]["passed"] = false;
  drive["smartctl"]["exit_status"] = 8;
  CHECK(verdict_of(drive.dump()) == "marginal nvme-temperature");
  drive["nvme_smart_health_information_log"]["critical_warning"] = 6;
  CHECK(verdict_of(drive.dump()) == "fail health-failed nvme-not-reliable nvme-temperature");
  const std::string sas = "smartctl 7.3 [x] (local build)\nElements in grown defect list: 0\nSMART Health Status: ";
  CHECK(verdict_of(sas + "WARNING - SPECIFIED TEMPERATURE EXCEEDED [asc=b, ascq=1]\n") == "marginal too-hot-now");
  CHECK(verdict_of(sas + "FIRMWARE IMPENDING FAILURE [asc=5d, ascq=60]\n") == "fail health-failed");
  CHECK(verdict_of(sas + "O") == "inconclusive limited");
}

TEST_CASE("an attribute may be called anything") {
  for (const char* name : {"{name}", "x{name}", "{value}", "{id}", ""})
    CHECK(verdict_of(with(ata(), 1, name, 3, "now").dump()) == "fail attribute-failing");
}

TEST_CASE("self-test logs of NVMe and SAS drives count as those of ATA do") {
  const std::string text =
      "smartctl 7.3 [x] (local build)\nSMART overall-health self-assessment test result: PASSED\n"
      "Critical Warning: 0x00\nMedia and Data Integrity Errors: 0\n\nSelf-test Log (NVMe Log 0x06)\n"
      "Num  Test_Description  Status                       Power_on_Hours  Failing_LBA  NSID Seg SCT Code\n";
  CHECK(verdict_of(
            text +
            " 0   Short             Completed without error                 100            -     -   -   -    -\n") ==
        "pass");
  CHECK(verdict_of(
            text +
            " 0   Extended          Completed: failed segments              100            -     -   -   -    -\n") ==
        "fail self-test-failed");
  json sas{{"smartctl", {{"exit_status", 0}}},
           {"device", {{"protocol", "SCSI"}}},
           {"smart_status", {{"passed", true}}},
           {"scsi_grown_defect_list", 0},
           {"scsi_self_test_0", {{"code", {{"string", "Background long"}}}, {"result", {{"value", 0}}}}},
           {"scsi_self_test_1",
            {{"code", {{"string", "Background short"}}},
             {"result", {{"value", 3}}},
             {"lba_first_failure", {{"value", 77}}}}}};
  CHECK(verdict_of(sas.dump()) == "pass");
  sas["scsi_self_test_0"]["result"]["value"] = 4;
  CHECK(verdict_of(sas.dump()) == "fail self-test-failed");
}

TEST_CASE("the exit status of smartctl says what its fields leave out") {
  json drive = with(ata(), 9, "Power_On_Hours", 5);
  drive.erase("smart_status");
  CHECK(verdict_of(drive.dump()) == "inconclusive limited");
  drive["smartctl"]["exit_status"] = 8;
  CHECK(verdict_of(drive.dump()) == "fail health-failed");
  const Reading bridge =
      read(R"({"smartctl":{"exit_status":1,"messages":[{"string":"/dev/sda: Unknown USB bridge [0x1234:0x5678]"}]}})");
  CHECK(bridge.problem == "smartctl could not read the drive: /dev/sda: Unknown USB bridge [0x1234:0x5678]");
}

TEST_CASE("the text that people paste gives the same verdict as JSON") {
  const std::string head = text_head, full = head + text_passed + text_attributes;  // then come the counters
  const struct {
    const char* expected;
    std::string text;
  } cases[] = {
      {"pass", full + "\nSMART Error Log Version: 1\n"},
      {"fail health-failed", head + "SMART overall-health self-assessment test result: FAILED!\n" + text_attributes},
      {"inconclusive limited", head + "SMART overall-health self-assessment test result: UNKNOWN!\n" + text_attributes},
      {"marginal pending-sectors",
       full + "197 Current_Pending_Sector  0x0032   200   200   000    Old_age   Always       -       8\n"},
      {"marginal pending-sectors", full + "197 Current_Pending_Sector  -O--CK   200   200   000    -    8\n"},
      {"fail attribute-failing",
       full + "  3 Spin_Up_Time            0x0027   001   001   021    Pre-fail  Always   FAILING_NOW 9999\n\n"},
      {"fail attribute-failing", full + "  3 Spin_Up_Time            POS--K   001   001   021    NOW  9999\n\n"},
      {"marginal attribute-failed-before",
       full + "  3 Spin_Up_Time            0x0027   100   001   021    Pre-fail  Always   In_the_past 4000\n\n"},
      {"fail self-test-failed",
       full + "# 1  Short offline       Completed: read failure       90%     21990         12345678\n"},
      {"pass", full + "# 1  Extended offline    Completed without error       00%     22000         -\n"
                      "# 2  Short offline       Completed: read failure       90%     21990         12345678\n"},
      {"pass", full + "# 1  Short offline       Aborted by host               90%     21990         -\n"},
      {"inconclusive limited", head + text_passed},
      {"inconclusive limited", head},
      {"inconclusive limited", "/dev/sda: Unknown USB bridge [0x152d:0x0578 (0x100)]\nPlease specify device type\n"},
      {"inconclusive limited", "A letter to my aunt: everything is fine.\n"},
      {"inconclusive limited", ""},
      {"pass", head + "SMART Health Status: OK\nElements in grown defect list: 0\n"
                      "read:   12  0  0  12  12  1234.567  0\n"},
      {"marginal scsi-uncorrected", head + "SMART Health Status: OK\nElements in grown defect list: 0\n"
                                           "read:   12  0  0  12  12  1234.567  3\nwrite: 0 0 0 0 0 1.0 0\n"},
      {"fail health-failed", head + "SMART Health Status: FIRMWARE IMPENDING FAILURE [asc=5d, ascq=60]\n"
                                    "Elements in grown defect list: 0\n"},
  };
  for (const auto& c : cases) {
    INFO(c.text);
    CHECK(verdict_of(c.text) == c.expected);
    std::string carriage_returns;
    for (const char byte : c.text) carriage_returns += byte == '\n' ? std::string("\r\n") : std::string(1, byte);
    CHECK(verdict_of(carriage_returns) == c.expected);
    std::string wide = "\xFF\xFE";
    for (const char byte : c.text) wide += byte, wide += '\0';
    if (!c.text.empty()) CHECK(verdict_of(wide) == c.expected);
  }
}

TEST_CASE("a table of attributes that was cut off is no pass, wherever the cut is") {
  const std::string rows = std::string(text_head) + text_passed + text_attributes;
  const std::string pending =
      "197 Current_Pending_Sector  0x0032   200   200   000    Old_age   Always       -       16\n";
  CHECK(verdict_of(rows + pending) == "marginal pending-sectors");
  CHECK(verdict_of(rows + "\n") == "pass");
  for (size_t size = std::string(text_head).size(); size <= rows.size(); ++size) {
    INFO(rows.substr(0, size));
    CHECK(verdict_of(rows.substr(0, size)).rfind("pass", 0) != 0);
  }
}

TEST_CASE("NVMe's text has numbers grouped in the user's way") {
  for (const char* written : {"1,234", "1.234", "1 234", "1'234",
                              "1\xC2\xA0"
                              "234"}) {
    const Reading reading = read(std::string("smartctl 7.3 [x] (local build)\nModel Number: N\n"
                                             "SMART overall-health self-assessment test result: PASSED\n"
                                             "Critical Warning:                   0x00\nTemperature: 40 Celsius\n"
                                             "Available Spare:                    100%\n"
                                             "Available Spare Threshold:          5%\nPercentage Used:  81%\n"
                                             "Media and Data Integrity Errors:    0\nUnsafe Shutdowns: ") +
                                 written + "\n");
    CHECK(reading.value("nvme.unsafe-shutdowns") == 1234);
    CHECK(reading.value("nvme.used") == 81);
    CHECK(judge(reading).result == Result::marginal);
  }
}

TEST_CASE("what grew while the drive was tested is evidence, on the same drive only") {
  const json before = with(with(ata(), 199, "UDMA_CRC_Error_Count", 7), 197, "Current_Pending_Sector", 0);
  Reading after = read(with(with(ata(), 199, "UDMA_CRC_Error_Count", 9), 197, "Current_Pending_Sector", 2).dump());
  Reading other = after;
  other.serial = "another";
  add_growth(decode(encode(read(before.dump()))), after);
  add_growth(read(before.dump()), other);
  CHECK(after.value("growth.attribute.199") == 2);
  const Verdict verdict = judge(after);
  std::string codes;
  for (const Finding& finding : verdict.findings) codes += finding.code + " ";
  CHECK(codes == "pending-sectors pending-grew cable-errors-grew cable-errors ");
  CHECK_FALSE(other.has("growth.attribute.199"));
}

TEST_CASE("damaged, strange and hostile input is never a fail, and never a crash") {
  for (const char* bytes :
       {"{", "[]", "{}", "[{}]", "null", "{\"smartctl\":null}", "{\"smartctl\":{}}",
        "{\"smartctl\":{\"exit_status\":\"x\"}}",
        R"({"smartctl":{},"ata_smart_attributes":{"table":[{"id":"5","raw":7},{"id":5,"raw":{"value":"9"}},null,3]}})",
        R"({"smartctl":{},"ata_smart_attributes":{"table":[{"id":1e300,"raw":{"value":1e300}}]}})",
        R"({"smartctl":{},"smart_status":{"passed":"no"},"nvme_smart_health_information_log":[1,2]})",
        R"({"smartctl":{},"rotation_rate":{},"temperature":7,"scsi_error_counter_log":{"read":3}})", "\xFF\xFE",
        "\xEF\xBB\xBF"}) {
    INFO(bytes);
    CHECK(judge(read(bytes)).result == Result::inconclusive);
  }
  const std::string good = with(with(ata(), 9, "Power_On_Hours", 5), 197, "Current_Pending_Sector", 0).dump(2);
  for (size_t size = 0; size + 1 < good.size(); size += 7)
    CHECK(judge(read(good.substr(0, size))).result == Result::inconclusive);
  std::mt19937 random(1);
  const std::string text = std::string(text_head) + text_passed + text_attributes;
  for (int i = 0; i < 3000; ++i) {
    std::string damaged = i % 2 == 0 ? good : text;
    for (int hit = 0; hit < 5; ++hit) damaged[random() % damaged.size()] = static_cast<char>(random());
    const Reading reading = read(damaged);
    judge(reading);
    for (const char byte : reading.model) CHECK((byte >= ' ' && byte <= '~'));
  }
}
