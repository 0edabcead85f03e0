// storage.smart and storage.self-test in runs, with a program in smartctl's place that speaks for drives which no test
// machine has.
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "../support/command.hpp"

using namespace assay::test;
using nlohmann::json;

namespace {

/// A "drive": a file to stand for it, and a smartctl that prints what the test says. What it was asked for it writes to
/// the trial's artifact folder, where it is started; it can write nowhere else.
class FakeDrive {
 public:
  explicit FakeDrive(const std::string& script) {
    chmod(scratch_.path().c_str(),
          0755);  // without a view of its own, a trial's user must be able to come to the program
    write_file(scratch_ / "disk", std::string(8192, 'x'));
    write_file(scratch_ / "bin/smartctl", "#!/bin/sh\necho \"$*\" >> asked\n" + script);
    chmod((scratch_ / "bin/smartctl").c_str(), 0755);
  }
  /// The record of a plan of these tests, one stage each.
  json run_tests(const std::vector<std::string>& tests, const std::string& parameters = "") {
    std::string plan = "[plan]\nid = \"p\"\ntitle.en = \"P\"\nprove = \"none\"\nconfirm = 0\n";
    for (size_t i = 0; i < tests.size(); ++i)
      plan += "[[stage]]\nid = \"s" + std::to_string(i) + "\"\n[[stage.test]]\nuse = \"" + tests[i] +
              "\"\nparameters = { " + parameters + " }\n";
    write_file(scratch_ / "plan.toml", plan);
    const std::string path = scratch_ / "bin" + ":" + std::getenv("PATH");
    const Outcome outcome =
        run({program(), "run", scratch_ / "plan.toml", "--target", scratch_ / "disk", "--out", scratch_ / "run"},
            {"PATH=" + path});
    INFO(outcome.output << outcome.errors);
    exit_code = outcome.exit_code;
    json record = json::parse(read_file(scratch_ / "run/record.json"), nullptr, false);
    REQUIRE(record.is_object());
    return record;
  }
  std::string asked() const { return read_file(scratch_ / "run/artifacts/t00001/asked"); }
  int exit_code = -1;

 private:
  Scratch scratch_;
};

std::string codes(const json& trial) {
  std::string all;
  for (const json& finding : trial["findings"]) all += (all.empty() ? "" : " ") + finding["code"].get<std::string>();
  return all;
}

/// A shell line that prints a healthy ATA drive with so many transfers damaged, and this in `ata_smart_data`.
std::string drive_says(const std::string& cable_errors, const std::string& more = "") {
  return "cat <<END\n"
         R"({"smartctl":{"exit_status":0},"device":{"protocol":"ATA"},"model_name":"M","serial_number":"S1","rotation_rate":5400,)"
         R"("smart_status":{"passed":true},"ata_smart_attributes":{"table":[{"id":199,"name":"UDMA_CRC_Error_Count","value":100,)"
         R"("when_failed":"","raw":{"value":)" +
         cable_errors + R"(,"string":")" + cable_errors + "\"}}]}" + more + "}\nEND\n";
}

std::string self_test(const std::string& status, const std::string& entry) {
  return R"(,"ata_smart_data":{"self_test":{"status":{"value":)" + status +
         R"(}}},"ata_smart_self_test_log":{"standard":{"table":[)" + entry + "]}}";
}
const char* const sound = R"({"type":{"string":"Short offline"},"status":{"value":0,"passed":true}})";
const char* const broken = R"({"type":{"string":"Short offline"},"status":{"value":121,"passed":false},"lba":4711})";
const char* const aborted = R"({"type":{"string":"Short offline"},"status":{"value":25}})";

/// Runs for two questions once it was begun; then it has ended with this entry.
std::string testing_drive(const std::string& entry) {
  return "case \"$*\" in *\"-t short\"*) echo 2 > left ;; esac\nleft=$(cat left 2>/dev/null || echo 0)\n"
         "if [ \"$left\" -gt 0 ]; then case \"$*\" in *\"--json -x\"*) echo $((left - 1)) > left ;; esac\n" +
         drive_says("0", self_test("249", aborted)) + "elif [ -e left ]; then\n" +
         drive_says("0", self_test("0", entry)) + "else\n" + drive_says("0", self_test("0", sound)) + "fi\n";
}

}  // namespace

TEST_CASE("errors that grow during the run are told by the second reading") {
  FakeDrive drive("case $ASSAY_TRIAL in *t00001) n=1 ;; *) n=4 ;; esac\n" + drive_says("$n"));
  const json record = drive.run_tests({"storage.smart", "storage.smart"});
  REQUIRE(record["trials"].size() == 2);
  CHECK(codes(record["trials"][0]) == "cable-errors");
  CHECK(codes(record["trials"][1]) == "cable-errors-grew cable-errors");
  CHECK(drive.exit_code == 4);
}

TEST_CASE("a drive that smartctl cannot read is not tested, and that is no fault") {
  FakeDrive drive(
      "echo '{\"smartctl\":{\"exit_status\":1,\"messages\":[{\"string\":\"Unknown USB bridge\"}]}}'\nexit 1\n");
  const json record = drive.run_tests({"storage.smart", "storage.self-test"});
  for (const json& trial : record["trials"]) {
    CHECK(trial["end"]["status"] == "skipped");
    CHECK(trial["end"]["reason"].get<std::string>().find("Unknown USB bridge") != std::string::npos);
  }
  CHECK(drive.exit_code == 3);
}

TEST_CASE("the drive's own self-test is begun, followed to its end and read") {
  const struct {
    const char* entry;
    const char* status;
    const char* codes;
    int exit_code;
  } cases[] = {{sound, "complete", "", 0}, {broken, "complete", "self-test-failed", 1}, {aborted, "error", "", 3}};
  for (const auto& c : cases) {
    INFO(c.entry);
    FakeDrive drive(testing_drive(c.entry));
    const json record = drive.run_tests({"storage.self-test"}, "interval = 0.05, duration = \"30s\"");
    const json& trial = record["trials"][0];
    INFO(trial["end"].dump());
    CHECK(trial["end"]["status"] == c.status);
    CHECK(codes(trial) == c.codes);
    CHECK(drive.exit_code == c.exit_code);
    CHECK(drive.asked().find("--json -t short ") != std::string::npos);
    if (c.exit_code == 1)
      CHECK(trial["findings"][0]["where"].get<std::string>().find("block 4711") != std::string::npos);
  }
}

TEST_CASE("a self-test that does not end in time is ended, and says nothing of the drive") {
  FakeDrive drive("if [ -e begun ]; then\n" + drive_says("0", self_test("249", sound)) + "else\n" +
                  drive_says("0", self_test("0", sound)) + "fi\ncase \"$*\" in *\"-t short\"*) : > begun ;; esac\n");
  const json record = drive.run_tests({"storage.self-test"}, "interval = 0.05, duration = \"1s\"");
  CHECK(record["trials"][0]["end"]["status"] == "error");
  CHECK(drive.asked().find("--json -X ") != std::string::npos);
  CHECK(drive.exit_code == 3);
}
