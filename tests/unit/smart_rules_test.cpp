// Where figures escalate, how makers count wear, and for what reasons drives warn.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "smart/verdict.hpp"

using namespace smart;
using nlohmann::json;

namespace {

json ata(const std::string& model, const std::string& family, int rotation) {
  return {{"smartctl", {{"version", {7, 4}}, {"exit_status", 0}}},
          {"device", {{"protocol", "ATA"}}},
          {"model_name", model},
          {"model_family", family},
          {"rotation_rate", rotation},
          {"smart_status", {{"passed", true}}},
          {"ata_smart_attributes", {{"table", json::array()}}}};
}

void add(json& drive, int id, const std::string& name, int value, const std::string& raw) {
  drive["ata_smart_attributes"]["table"].push_back(
      {{"id", id}, {"name", name}, {"value", value}, {"thresh", 0}, {"when_failed", ""}, {"raw", {{"string", raw}}}});
}

std::string alarms_of(const Reading& reading) {
  const Verdict verdict = judge(reading);
  std::string text = name(verdict.result);
  for (const Finding& finding : verdict.findings)
    if (finding.severity != Severity::note) text += " " + finding.code;
  return text;
}

json disk(int pending, int uncorrectable, int reallocated, int reported) {
  json drive = ata("MAKER D1", "", 7200);
  add(drive, 5, "Reallocated_Sector_Ct", 100, std::to_string(reallocated));
  add(drive, 187, "Reported_Uncorrect", 100, std::to_string(reported));
  add(drive, 197, "Current_Pending_Sector", 100, std::to_string(pending));
  add(drive, 198, "Offline_Uncorrectable", 100, std::to_string(uncorrectable));
  return drive;
}

json sas(int pending, int grown, int uncorrected) {
  return {{"smartctl", {{"version", {7, 4}}, {"exit_status", 0}}},
          {"device", {{"protocol", "SCSI"}}},
          {"smart_status", {{"passed", true}}},
          {"scsi_grown_defect_list", grown},
          {"scsi_pending_defects", {{"count", pending}}},
          {"scsi_error_counter_log", {{"read", {{"total_uncorrected_errors", uncorrected}}}}}};
}

json nvme(int warning, int used, int spare, int media_errors) {
  return {{"smartctl", {{"exit_status", warning == 0 ? 0 : 8}}},
          {"smart_status", {{"passed", warning == 0}}},
          {"nvme_smart_health_information_log",
           {{"critical_warning", warning},
            {"available_spare", spare},
            {"available_spare_threshold", 10},
            {"percentage_used", used},
            {"media_errors", media_errors}}}};
}

}  // namespace

TEST_CASE("counts of bad sectors, and several kinds of them together, escalate") {
  const struct {
    int pending, uncorrectable, reallocated, reported;
    const char* expected;
  } cases[] = {
      {1088, 312, 8472, 0, "fail several-signs pending-very-many uncorrectable-very-many reallocated-very-many"},
      {0, 0, 0, 0, "pass"},
      {1, 1, 0, 1, "marginal pending-sectors uncorrectable-offline reported-uncorrectable"},  // one bad sector
      {8, 8, 0, 0, "marginal pending-sectors uncorrectable-offline"},
      {100, 100, 0, 0, "marginal pending-sectors uncorrectable-offline"},  // the same sectors twice
      {101, 0, 0, 0, "fail pending-very-many"},
      {0, 101, 0, 0, "fail uncorrectable-very-many"},
      {0, 0, 1100, 0, "marginal reallocated-many"},
      {0, 0, 1101, 0, "fail reallocated-very-many"},
      {0, 0, 0, 65, "marginal reported-uncorrectable"},
      {0, 0, 0, 66, "fail reported-very-many"},
      {16, 0, 70, 20, "marginal pending-sectors reported-uncorrectable reallocated-many"},
      {16, 0, 71, 0, "fail several-signs pending-sectors reallocated-many"},
      {0, 16, 71, 0, "fail several-signs uncorrectable-offline reallocated-many"},
      {0, 0, 71, 21, "fail several-signs reported-uncorrectable reallocated-many"},
  };
  for (const auto& c : cases) {
    json drive = disk(c.pending, c.uncorrectable, c.reallocated, c.reported);
    INFO(drive.dump());
    CHECK(alarms_of(read(drive.dump())) == c.expected);
    // The counts that Backblaze's failures are known for are those of disks.
    drive["rotation_rate"] = 0;
    CHECK(judge(read(drive.dump())).result != Result::fail);
  }
  const Verdict verdict = judge(read(disk(1088, 312, 8472, 0).dump()));
  CHECK(verdict.findings.front().text ==
        "Several signs of a dying surface at once: 1088 sectors wait to be replaced; 312 could not be corrected in the "
        "drive's own scan; 8472 have been replaced.");
}

TEST_CASE("the counts of SAS drives escalate by the same numbers") {
  const struct {
    int pending, grown, uncorrected;
    const char* expected;
  } cases[] = {
      {0, 9, 8, "marginal scsi-uncorrected"},
      {24, 0, 0, "marginal scsi-pending"},
      {101, 0, 0, "fail scsi-pending-very-many"},
      {0, 1101, 0, "fail scsi-grown-very-many"},
      {16, 71, 0, "fail several-signs scsi-pending scsi-grown-defects"},
      {0, 71, 21, "fail several-signs scsi-uncorrected scsi-grown-defects"},
      {15, 70, 20, "marginal scsi-pending scsi-uncorrected scsi-grown-defects"},
  };
  for (const auto& c : cases) CHECK(alarms_of(read(sas(c.pending, c.grown, c.uncorrected).dump())) == c.expected);
}

TEST_CASE("wear is said only as its maker counts it") {
  const struct {
    const char *model, *family;
    int id;
    const char* name;
    int value;
    const char* raw;
    double used;  // -1: not said
  } cases[] = {
      {"WDC  WDS200T2B0A-00SM50", "WD Blue and Green SSDs", 230, "Media_Wearout_Indicator", 1, "0x011200400112", 1},
      {"WDC  WDS200T2B0A-00SM50", "WD Blue and Green SSDs", 230, "Media_Wearout_Indicator", 95, "0x5f0521035f05", 95},
      {"WDC WDS240G2G0A-00JH30", "", 230, "Unknown_SSD_Attribute", 37, "40707920766214", 37},  // 0x25060D282506
      {"WDC WDS500G1R0A", "WD Blue / Red / Green SSDs", 230, "Media_Wearout_Indicator", 100, "0x2f2423142f24", 47},
      {"WDC WDS500G1R0A", "WD Blue / Red / Green SSDs", 230, "Media_Wearout_Indicator", 100, "0x0523023c0523", 5},
      {"WDC WDS500G1R0A", "WD Blue / Red / Green SSDs", 230, "Media_Wearout_Indicator", 1, "0", -1},
      {"WDC WDS500G1R0A", "WD Blue / Red / Green SSDs", 230, "Media_Wearout_Indicator", 1, "0x0112004001ff", -1},
      {"WDC WDS500G1R0A", "WD Blue / Red / Green SSDs", 230, "Media_Wearout_Indicator", 1, "0x5f0521035f05", -1},
      {"SanDisk SSD U100 8GB", "SanDisk based SSDs", 230, "Perc_Write/Erase_Count", 1, "312", -1},
      {"Samsung SSD 850 EVO 500GB", "Samsung based SSDs", 177, "Wear_Leveling_Count", 1, "2981", 99},
      {"SAMSUNG MZ7LH960HAJR-00005", "", 177, "Wear_Leveling_Count", 98, "17", 2},
      {"SK hynix SC311 SATA 256GB", "SK hynix SATA SSDs", 177, "Wear_Leveling_Count", 3, "3", -1},
      {"SK hynix SC311 SATA 256GB", "", 233, "Media_Wearout_Indicator", 3, "3", -1},
      {"INTEL SSDSC2BB480G7", "Intel S3520 Series SSDs", 233, "Media_Wearout_Indicator", 7, "0", 93},
      {"NONAME 128GB SSD", "", 233, "Media_Wearout_Indicator", 1, "1569", -1},
      {"NONAME 128GB SSD", "", 177, "Wear_Leveling_Count", 5, "40", -1},
      {"CT500MX500SSD1", "Crucial/Micron Client SSDs", 202, "Percent_Lifetime_Remain", 15, "85", 85},
      {"CT500MX500SSD1", "Crucial/Micron Client SSDs", 202, "Percent_Lifetime_Used", 15, "85", 85},
      {"Micron_5100_MTFDDAK960TCB", "", 202, "Unknown_SSD_Attribute", 0, "120", 120},
      {"CT500MX500SSD1", "Crucial/Micron Client SSDs", 202, "Percent_Lifetime_Remain", 15, "15", 85},
      {"CT500MX500SSD1", "Crucial/Micron Client SSDs", 202, "Percent_Lifetime_Remain", 15, "3", -1},
      {"NONAME SSD", "", 202, "Percent_Lifetime_Used", 15, "15", -1},
      {"KINGSTON SV300S37A120G", "SandForce Driven SSDs", 231, "SSD_Life_Left", 12, "1", 88},
      {"KINGSTON SA400S37240G", "Phison Driven SSDs", 231, "SSD_Life_Left", 87, "87", 13},
      {"KINGSTON SA400S37240G", "Phison Driven SSDs", 231, "SSD_Life_Left", 0, "0", -1},
      {"KINGSTON SA400S37240G", "Phison Driven SSDs", 231, "SSD_Life_Left", 1, "99", -1},
      {"TS128GSSD370S", "Silicon Motion based SSDs", 169, "Remaining_Lifetime_Perc", 11, "11", 89},
      {"Seagate IronWolf ZA480NM10001", "Seagate IronWolf 110 SATA SSD", 231, "SSD_Life_Left", 5, "0x64000000000064",
       -1},
  };
  for (const auto& c : cases) {
    json drive = ata(c.model, c.family, 0);
    add(drive, 5, "Reallocated_Sector_Ct", 100, "0");
    add(drive, c.id, c.name, c.value, c.raw);
    INFO(drive.dump());
    const Reading reading = read(drive.dump());
    CHECK(reading.value("ata.used", -1) == c.used);
    CHECK(alarms_of(reading) == (c.used > 79 ? "marginal worn" : "pass"));
    const bool looks_worn = c.used < 0 && c.value <= 20;
    CHECK(judge(reading).findings.size() == (c.used > 79 || looks_worn ? 1u : 0u));
  }
}

TEST_CASE("an SSD that does not say that it is one is known by its wear attribute, decoded or not") {
  json drive = ata("NONAME 128GB", "", 0);
  drive.erase("rotation_rate");
  add(drive, 177, "Wear_Leveling_Count", 50, "40");
  add(drive, 197, "Current_Pending_Sector", 100, "2");
  CHECK(read(drive.dump()).drive == Drive::ssd);
  CHECK(alarms_of(read(drive.dump())) == "pass");
}

TEST_CASE("an NVMe drive that warns of nothing but its rated life is worn, not dying") {
  const struct {
    int warning, used, spare, media_errors;
    const char* expected;
  } cases[] = {
      {4, 100, 100, 0, "marginal rated-life-used"},
      {4, 255, 11, 0, "marginal rated-life-used"},
      {6, 130, 100, 0, "marginal nvme-temperature rated-life-used"},
      {0, 203, 100, 0, "marginal worn"},
      {4, 99, 100, 0, "fail health-failed nvme-not-reliable worn"},
      {4, 3, 100, 0, "fail health-failed nvme-not-reliable"},
      {4, 100, 100, 1, "fail health-failed nvme-not-reliable nvme-media-errors worn"},
      {4, 100, 9, 0, "fail health-failed nvme-not-reliable nvme-spare-below-threshold worn"},
      {5, 100, 100, 0, "fail health-failed nvme-spare-low nvme-not-reliable worn"},
      {12, 100, 100, 0, "fail health-failed nvme-not-reliable nvme-read-only worn"},
  };
  for (const auto& c : cases) {
    const json drive = nvme(c.warning, c.used, c.spare, c.media_errors);
    INFO(drive.dump());
    CHECK(alarms_of(read(drive.dump())) == c.expected);
  }
  json unknown_spare = nvme(4, 100, 100, 0);
  unknown_spare["nvme_smart_health_information_log"].erase("available_spare");
  CHECK(alarms_of(read(unknown_spare.dump())) == "fail health-failed nvme-not-reliable worn");
}

TEST_CASE("a SAS drive's warning is told by its reason, in text and in JSON") {
  const struct {
    int code, qualifier;
    const char *words, *expected;
  } cases[] = {
      {0x0b, 0x01, "WARNING - specified temperature exceeded", "marginal too-hot-now"},
      {0x0b, 0x0a, "WARNING - high critical temperature limit exceeded", "marginal too-hot-now"},
      {0x0b, 0x02, "WARNING - enclosure degraded", "marginal scsi-warning"},
      {0x0b, 0x03, "WARNING - background self-test failed", "fail self-test-failed"},
      {0x0b, 0x05, "WARNING - background medium scan detected medium error", "marginal scsi-warning"},
      {0x5d, 0x10, "HARDWARE IMPENDING FAILURE GENERAL HARD DRIVE FAILURE", "fail health-failed"},
      {0x5d, 0x00, "FAILURE PREDICTION THRESHOLD EXCEEDED", "fail health-failed"},
      {0x5d, 0x73, "Media impending failure endurance limit met", "marginal rated-life-used"},
      {0x5d, 0xff, "FAILURE PREDICTION THRESHOLD EXCEEDED (FALSE)", "pass"},
  };
  for (const auto& c : cases) {
    json drive = sas(0, 0, 0);
    drive["smartctl"]["exit_status"] = 8;
    drive["smart_status"] = {{"passed", false},
                             {"scsi", {{"asc", c.code}, {"ascq", c.qualifier}, {"ie_string", c.words}}}};
    char text[400];
    std::snprintf(text, sizeof text,
                  "smartctl 7.3 [x] (local build)\nSMART Health Status: %s [asc=%x, ascq=%x]\n"
                  "read: 0 0 0 0 0 1.0 0\nPending defect count:0 Pending Defects\nElements in grown defect list: 0\n",
                  c.words, static_cast<unsigned>(c.code), static_cast<unsigned>(c.qualifier));
    INFO(text);
    CHECK(alarms_of(read(drive.dump())) == c.expected);
    CHECK(alarms_of(read(text)) == c.expected);
    CHECK(read(text).facts == read(drive.dump()).facts);
  }
}

TEST_CASE("of several drives the worst counts, and one that says nothing is no pass") {
  const auto of = [](std::initializer_list<Result> results) {
    std::vector<Verdict> verdicts;
    for (const Result result : results) verdicts.push_back({result, {}});
    return worst(verdicts);
  };
  CHECK(of({Result::pass, Result::pass}) == Result::pass);
  CHECK(of({Result::pass, Result::inconclusive}) == Result::inconclusive);
  CHECK(of({Result::inconclusive, Result::marginal, Result::pass}) == Result::marginal);
  CHECK(of({Result::marginal, Result::fail, Result::inconclusive}) == Result::fail);
  CHECK(of({}) == Result::inconclusive);
}

TEST_CASE("one drive is one reading, whatever else its text says twice") {
  const std::string failing =
      "smartctl 7.3 [x] (local build)\n=== START OF INFORMATION SECTION ===\nDevice Model:     MAKER D1\n"
      "Serial Number:    S1\n=== START OF READ SMART DATA SECTION ===\n"
      "SMART overall-health self-assessment test result: FAILED!\n"
      "Drive failure expected in less than 24 hours. SAVE ALL DATA.\nFailed Attributes:\n"
      "ID# ATTRIBUTE_NAME          FLAG     VALUE WORST THRESH TYPE      UPDATED  WHEN_FAILED RAW_VALUE\n"
      "  5 Reallocated_Sector_Ct   0x0033   001   001   010    Pre-fail  Always   FAILING_NOW 4095\n\n"
      "Vendor Specific SMART Attributes with Thresholds:\n"
      "ID# ATTRIBUTE_NAME          FLAG     VALUE WORST THRESH TYPE      UPDATED  WHEN_FAILED RAW_VALUE\n"
      "  5 Reallocated_Sector_Ct   0x0033   001   001   010    Pre-fail  Always   FAILING_NOW 4095\n"
      "198 Offline_Uncorrectable   0x0010   100   100   000    Old_age   Offline      -       0\n\n";
  CHECK(read_all(failing).size() == 1);
  // The mere name of a drive that is known in full is no drive of which nothing is known; one that cannot be read is.
  const std::string names = failing.substr(0, failing.find("=== START OF READ"));
  CHECK(read_all(names + failing).size() == 1);
  CHECK(read_all(names + "SMART support is: Unavailable - device lacks SMART capability.\n" + failing).size() == 2);
  // Two tables in one stretch are of two drives, and the first of them was not cut off.
  const std::string healthy =
      "SMART overall-health self-assessment test result: PASSED\n"
      "ID# ATTRIBUTE_NAME          FLAG     VALUE WORST THRESH TYPE      UPDATED  WHEN_FAILED RAW_VALUE\n"
      "194 Temperature_Celsius     0x0022   115   103   000    Old_age   Always       -       35\n";
  const std::vector<Reading> two = read_all(healthy + healthy + "\n");
  REQUIRE(two.size() == 2);
  for (const Reading& reading : two) CHECK(alarms_of(reading) == "pass");
  CHECK(read_all("sensors\nCurrent Temperature: 99 C\nSerial Number: X\n").front().problem ==
        "This is not what smartctl prints.");
}

TEST_CASE("brackets without an end, and documents within documents, are read to their end") {
  std::string open;
  for (int i = 0; i < 20000; ++i) open += "{\"smartctl\":[";
  CHECK(judge(read(open)).result == Result::inconclusive);
  std::string text;
  for (int i = 0; i < 20000; ++i) text += "{\"a\n{\"b\n";
  CHECK(judge(read(text)).result == Result::inconclusive);
  std::string many;
  for (int i = 0; i < 1200; ++i) many += sas(0, 0, 0).dump();
  CHECK(read_all(many).size() == 1001);
  CHECK(judge(read_all(many).back()).result == Result::inconclusive);
}
