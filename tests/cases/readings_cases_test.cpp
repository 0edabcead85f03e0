// Sensors, fans, memory and links as odd but healthy boards show them: none of it is a fault; and the faults beside
// them, which must still be found. Needs root, to put a board's readings in the place of this machine's.
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "../support/captured_tree.hpp"
#include "../support/command.hpp"
#include "../support/in_place.hpp"

using namespace assay::test;
using nlohmann::json;

namespace {

const std::string data = source_folder() + "/tests/cases/data/";

/// A plan of nothing but these tests, one after another.
std::string plan_of(const std::vector<std::string>& tests) {
  std::string text = "[plan]\nid = \"case\"\ntitle.en = \"Case\"\nprove = \"none\"\nconfirm = 0\n";
  for (const std::string& test : tests)
    text += "[[stage]]\nid = \"s" + std::to_string(text.size()) + "\"\n[[stage.test]]\nuse = \"" + test + "\"\n";
  return text;
}

/// The trials of a run in another machine's place.
struct Trials {
  json list;
  std::string told;

  std::string result(size_t number = 0) const { return list.at(number)["end"]["result"]; }
  std::vector<std::string> codes(size_t number = 0) const {
    std::vector<std::string> codes;
    for (const json& finding : list.at(number)["findings"]) codes.push_back(finding["code"]);
    return codes;
  }
  std::string texts(size_t number = 0) const {
    std::string all;
    for (const json& finding : list.at(number)["findings"]) all += finding["text"].get<std::string>() + "\n";
    return all;
  }
};

Trials read_trials(const std::string& folder, const std::string& told = "") {
  INFO(told);
  const json record = json::parse(read_file(folder + "/record.json"), nullptr, false);
  REQUIRE(record.is_object());
  REQUIRE_FALSE(record["trials"].empty());
  return {record["trials"], told + record["trials"].dump(1)};
}

Trials run_with(const std::vector<Instead>& instead, const std::string& test) {
  const Scratch scratch;
  write_file(scratch / "plan.toml", plan_of({test}));
  const auto outcome = run(in_place(instead, {program(), "run", scratch / "plan.toml", "--out", scratch / "run"}));
  return read_trials(scratch / "run", outcome.output + outcome.errors);
}

Trials sensors_of(const std::string& folder) { return run_with({{"/sys/class/hwmon", folder}}, "peripherals.sensors"); }

}  // namespace

TEST_CASE("readings that are no facts are no faults, and hot parts are still found") {
  if (!can_put_in_place()) return;
  struct Row {
    const char* name;
    std::vector<std::pair<const char*, const char*>> files;  // of one chip; of none: the tree of that name
    const char* result;
    const char* code;  // a finding that must be there; empty: there must be none
  };
  const Row rows[] = {
      {"R1-unconnected-sensor", {}, "pass", "not-connected"},
      {"R2-empty-fan-header", {}, "pass", "not-turning"},
      {"R3-limit-of-zero", {}, "pass", "limit-unset"},
      {"a quiet board", {{"temp1_input", "41000"}, {"temp1_crit", "100000"}, {"fan1_input", "900"}}, "pass", ""},
      {"a limit of 65261 °C", {{"temp1_input", "40000"}, {"temp1_crit", "65261850"}}, "pass", "limit-unset"},
      {"a limit of -273 °C", {{"temp1_input", "40000"}, {"temp1_crit", "-273150"}}, "pass", "limit-unset"},
      {"a negative limit with its alarm",
       {{"temp1_input", "40000"}, {"temp1_max", "-1000"}, {"temp1_max_alarm", "1"}},
       "pass",
       "limit-unset"},
      {"a critical limit below the high one",
       {{"temp1_input", "60000"}, {"temp1_crit", "45000"}, {"temp1_max", "90000"}},
       "pass",
       ""},
      {"an input at -128 °C", {{"temp1_input", "-128000"}}, "pass", "not-connected"},
      {"an input at 255 °C under a limit",
       {{"temp1_input", "255000"}, {"temp1_crit", "95000"}},
       "pass",
       "not-connected"},
      {"an input at 127 °C under a limit from the factory, with its alarm",
       {{"temp1_input", "127000"}, {"temp1_max", "80000"}, {"temp1_alarm", "1"}},
       "pass",
       "not-connected"},
      {"an open diode that says so",
       {{"temp1_input", "127875"}, {"temp1_crit", "105000"}, {"temp1_fault", "1"}},
       "pass",
       "not-connected"},
      {"an open input that drifts, without a limit", {{"temp1_input", "111000"}}, "pass", "not-judged"},
      {"an alarm that the reading speaks against",
       {{"temp1_input", "40000"}, {"temp1_max", "80000"}, {"temp1_alarm", "1"}},
       "pass",
       "alarm-only"},
      {"a sensor that reads like one and says that it is broken",
       {{"temp1_input", "40000"}, {"temp1_fault", "1"}},
       "marginal",
       "sensor-fault"},
      {"a part at its critical limit", {{"temp1_input", "100000"}, {"temp1_crit", "100000"}}, "fail", "hot"},
      {"a part beyond its critical limit", {{"temp1_input", "127000"}, {"temp1_crit", "100000"}}, "fail", "hot"},
      {"a part near its critical limit", {{"temp1_input", "97000"}, {"temp1_crit", "100000"}}, "marginal", "hot"},
      {"a part beyond its high limit", {{"temp1_input", "85000"}, {"temp1_max", "80000"}}, "marginal", "hot"},
      {"a fan at 65535 rpm", {{"fan1_input", "65535"}, {"fan1_min", "300"}}, "pass", "not-connected"},
      {"an empty header with its alarm",
       {{"fan1_input", "0"}, {"fan1_min", "600"}, {"fan1_alarm", "1"}},
       "pass",
       "not-turning"},
      {"a fan under a minimum from the factory",
       {{"fan1_input", "900"}, {"fan1_min", "10546"}, {"fan1_alarm", "1"}},
       "pass",
       ""},
      {"a fan under its minimum, which says so",
       {{"fan1_input", "200"}, {"fan1_min", "600"}, {"fan1_alarm", "1"}},
       "marginal",
       "fan-slow"}};
  for (const Row& row : rows) {
    const Scratch scratch;
    if (row.files.empty()) lay_out_tree(data + row.name + ".tree", scratch / "hwmon");
    write_file(scratch / "hwmon/hwmon0/" + (row.files.empty() ? "pwm7_enable" : "name"), "chip\n");
    for (const auto& [file, text] : row.files) write_file(scratch / "hwmon/hwmon0/" + file, std::string(text) + "\n");
    const Trials trials = sensors_of(scratch / "hwmon");
    INFO(row.name << "\n" << trials.told);
    CHECK(trials.result() == row.result);
    const auto codes = trials.codes();
    if (*row.code == '\0')
      CHECK(codes.empty());
    else
      CHECK(std::count(codes.begin(), codes.end(), row.code) == 1);
  }
}

TEST_CASE("a fan that turned in this run and stands still is a fault; one that was told to rest is none") {
  if (!can_put_in_place()) return;
  struct Row {
    const char *pwm, *result, *code;
  };
  for (const Row& row : {Row{"120", "fail", "fan-stopped"}, Row{"0", "pass", "fan-rests"}}) {
    const Scratch scratch;
    write_file(scratch / "hwmon/hwmon0/name", "chip\n");
    write_file(scratch / "hwmon/hwmon0/fan1_input", "1516\n");
    write_file(scratch / "hwmon/hwmon0/fan1_min", "12\n");
    write_file(scratch / "hwmon/hwmon0/pwm1", "120\n");
    write_file(scratch / "plan.toml", plan_of({"peripherals.sensors", "cpu.integer", "peripherals.sensors"}));
    const pid_t pid = start(in_place({{"/sys/class/hwmon", scratch / "hwmon"}},
                                     {program(), "run", scratch / "plan.toml", "--out", scratch / "run"}));
    // While the middle one computes for its five seconds.
    for (int i = 0; i < 3000 && read_file(scratch / "run/journal.jsonl").find("\"testStepEnd\"") == std::string::npos;
         ++i)
      usleep(10'000);
    write_file(scratch / "hwmon/hwmon0/pwm1", std::string(row.pwm) + "\n");
    write_file(scratch / "hwmon/hwmon0/fan1_input", "0\n");
    wait_for(pid);
    const Trials trials = read_trials(scratch / "run");
    INFO(trials.told);
    CHECK(trials.result() == "pass");
    const size_t last = trials.list.size() - 1;
    CHECK(trials.result(last) == row.result);
    CHECK(trials.codes(last) == std::vector<std::string>{row.code});
  }
}

namespace {

/// system.inventory on a machine with these tables of the firmware and this much memory.
Trials memory_of(const std::string& folder) {
  return run_with({{"/sys/firmware/dmi", folder + "/dmi"}, {"/proc/meminfo", folder + "/meminfo"}}, "system.inventory");
}

}  // namespace

TEST_CASE("memory that the graphics part takes is no missing module; a missing module is") {
  if (!can_put_in_place()) return;
  struct Row {
    const char* name;
    long kib;  // that Linux has, of two modules of 8 GiB; 0: as in the case
    const char* result;
  };
  for (const Row& row :
       {Row{"the graphics part takes 4.5 GiB", 0, "pass"}, Row{"the graphics part takes 2.5 GiB", 14'100'000, "pass"},
        Row{"a module is gone", 8'100'000, "fail"},
        Row{"a module is gone, and the graphics part takes 2 GiB", 6'000'000, "fail"}}) {
    const Scratch scratch;
    lay_out_tree(data + "R5-igpu-takes-memory.tree", scratch.path());
    write_file(scratch / "dmi/tables/DMI", read_file(scratch / "DMI"));
    if (row.kib > 0)
      write_file(scratch / "meminfo", "MemTotal: " + std::to_string(row.kib) + " kB\nMemAvailable: 4000000 kB\n");
    const Trials trials = memory_of(scratch.path());
    INFO(row.name << "\n" << trials.told);
    CHECK(trials.result() == row.result);
    const auto codes = trials.codes();
    if (row.result == std::string("pass")) CHECK(std::count(codes.begin(), codes.end(), "memory-held") == 1);
  }
}

TEST_CASE("frames that were damaged before the test are told and not judged; those during it are") {
  if (!can_put_in_place()) return;
  for (const bool grows : {false, true}) {
    const Scratch scratch;
    write_file(scratch / "net/eth9/device/vendor", "x\n");
    write_file(scratch / "net/eth9/carrier", "1\n");
    write_file(scratch / "net/eth9/speed", "4294967295\n");
    write_file(scratch / "net/eth9/duplex", "full\n");
    const std::string counter = scratch / "net/eth9/statistics/rx_crc_errors";
    write_file(counter, "55\n");
    write_file(scratch / "plan.toml", plan_of({"peripherals.network-link"}));
    const pid_t pid = start(in_place({{"/sys/class/net", scratch / "net"}},
                                     {program(), "run", scratch / "plan.toml", "--out", scratch / "run"}));
    for (int errors = 55; grows && errors < 6000 && !std::ifstream(scratch / "run/record.json");) {
      // Put there whole: nobody must read half of it.
      write_file(counter + ".new", std::to_string(++errors) + "\n");
      std::rename((counter + ".new").c_str(), counter.c_str());
      usleep(10'000);
    }
    wait_for(pid);
    const Trials trials = read_trials(scratch / "run");
    INFO(trials.told);
    CHECK(trials.result() == (grows ? "marginal" : "pass"));
    CHECK(trials.codes() == std::vector<std::string>{"errors-before"});
    for (const json& measurement : trials.list[0]["measurements"])
      if (measurement["key"] == "speed") CHECK(measurement["value"] == 0);
  }
}

TEST_CASE("the tests of readings notice every fault that is planted in them") {
  const Scratch scratch;
  const auto outcome = run({program(), "prove", "peripherals.*", "--out", scratch / "one"});
  CHECK(outcome.exit_code == 0);
  const auto other = run({program(), "prove", "system.*", "--out", scratch / "two"});
  CHECK(other.exit_code == 0);
  const auto third = run({program(), "prove", "usb.*", "--out", scratch / "three"});
  CHECK(third.exit_code == 0);
}
