// The program as a technician uses it.
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "../support/command.hpp"

using namespace assay::test;
using Catch::Contains;
using nlohmann::json;

namespace {

std::string tiny_plan(const std::string& more = "", const std::string& head = "prove = \"none\"\n") {
  return "[plan]\nid = \"tiny\"\ntitle.en = \"Tiny\"\n" + head +
         "[[stage]]\nid = \"a\"\n[[stage.test]]\nuse = \"system.inventory\"\nrequired = true\n" + more;
}

json record_of(const std::string& folder) { return json::parse(read_file(folder + "/record.json")); }

/// Waits until the journal holds `words` `count` times.
bool wait_for(const std::string& folder, const std::string& words, int count) {
  for (int i = 0; i < 600; ++i) {
    const std::string text = read_file(folder + "/journal.jsonl");
    int found = 0;
    for (size_t at = 0; (at = text.find(words, at)) != std::string::npos; ++at) ++found;
    if (found >= count) return true;
    usleep(20'000);
  }
  return false;
}
bool wait_for_trials(const std::string& folder, int count) { return wait_for(folder, "\"testStepEnd\"", count); }

}  // namespace

TEST_CASE("a short run of the quick plan passes on this machine and leaves its report") {
  const Scratch scratch;
  // In six seconds it reaches as much of the memory as this machine allows.
  std::string quick = read_file(build_folder() + "/share/assay/plans/quick.toml");
  const std::string asked = "least-coverage = ";
  for (size_t at = 0; (at = quick.find(asked, at)) != std::string::npos; at += asked.size())
    quick.replace(at, quick.find('\n', at) - at, asked + "0");
  write_file(scratch / "quick.toml", quick);
  // Without root the disks cannot be read: that is accepted here.
  const auto outcome =
      run({program(), "run", scratch / "quick.toml", "--duration", "6s", "--allow-gaps", "--out", scratch / "run"});
  INFO(outcome.output << outcome.errors);
  CHECK(outcome.exit_code == 0);
  CHECK_THAT(outcome.output, Contains("report.html"));
  const json record = record_of(scratch / "run");
  CHECK(record["conclusion"]["result"] == "pass");
  CHECK(record["conclusion"]["complete"] == true);
  for (const json& proof : record["conclusion"]["proofs"]) CHECK(proof["proven"] == true);
  CHECK(record["conclusion"]["proofs"].size() >= 8);
  const std::string page = read_file(scratch / "run/report.html");
  CHECK_THAT(page, Contains("What was not tested") && Contains("first tried on simulated faults"));
  CHECK(page.size() < 400'000);
}

TEST_CASE("a rehearsed fault fails the run, is repeated, and is called a rehearsal") {
  const Scratch scratch;
  const auto outcome = run({program(), "run", "quick", "--duration", "4s", "--only", "memory.march", "--inject",
                            "memory.march:flip-bit", "--out", scratch / "run"});
  INFO(outcome.output << outcome.errors);
  CHECK(outcome.exit_code == 1);
  const json record = record_of(scratch / "run");
  CHECK(record["run"]["rehearsal"] == true);
  REQUIRE(record["conclusion"]["faults"].size() >= 1);
  CHECK(record["conclusion"]["faults"][0]["repeats"] == 5);
  CHECK(record["conclusion"]["faults"][0]["seen_again"] == 5);
  // No OCP reader must take a planted fault for the machine's.
  CHECK_THAT(read_file(scratch / "run/journal.jsonl"), !Contains("\"type\":\"FAIL\""));
  CHECK_THAT(read_file(scratch / "run/report.html"), Contains("Rehearsal") && Contains("Bits of a memory word"));
}

TEST_CASE("bad input is refused with a clear word and exit code 2") {
  const Scratch scratch;
  write_file(scratch / "tiny.toml", tiny_plan());
  write_file(scratch / "broken.toml", "[plan]\nid = \n");
  write_file(scratch / "unknown.toml", tiny_plan("[[stage.test]]\nuse = \"no.such\"\n"));
  std::filesystem::create_directory(scratch / "exists");
  std::filesystem::create_directory(scratch / "empty");
  const std::vector<std::pair<std::vector<std::string>, std::string>> table{
      {{"run", scratch / "broken.toml"}, "broken.toml:2:"},
      {{"run", scratch / "unknown.toml"}, "no plugin has a test no.such"},
      {{"run", "no-such-plan"}, "there are: burn-in, quick, standard"},
      {{"run", scratch / "absent.toml"}, "no such plan file"},
      {{"run", scratch / "tiny.toml", "--out", scratch / "exists"}, "exists already"},
      {{"run", scratch / "tiny.toml", "--out", "/proc/nowhere/run"}, "cannot be made"},
      {{"run", scratch / "tiny.toml", "--plugin-dir", scratch / "nowhere"}, "plugin folder"},
      {{"run", scratch / "tiny.toml", "--plugin-dir", scratch / "empty"}, "no plugin that can be used"},
      {{"run", scratch / "tiny.toml", "--duration", "soon"}, "not a duration"},
      {{"run", scratch / "tiny.toml", "--seed", "x"}, "--seed"},
      {{"run", scratch / "tiny.toml", "--seed", "-1"}, "from 0 to 18446744073709551615"},
      {{"run", scratch / "tiny.toml", "--seed", "99999999999999999999999"}, "from 0 to 18446744073709551615"},
      {{"run", scratch / "tiny.toml", "--duration", ""}, "--duration"},
      {{"plan", "explain", "standard", "--duration", "100d"}, "at most 60 days"},
      {{"prove", "system.*", "nosuch.*"}, "no test is called nosuch.*"},
      {{"plugin", "new", "cpu"}, "has a plugin of that id"},
      {{"plugin", "check", "/lib/x86_64-linux-gnu/libm.so.6"}, "carries no Assay manifest"},
      {{"march", "coverage", "{any(w0);up(r1)}"}, "column 13: r1 would fail on good memory"},
      {{"march", "coverage", "March Hare"}, "neither a known march test nor a text"},
      {{"run", scratch / "tiny.toml", "--only", "nothing.*"}, "no test is called nothing.*"},
      {{"run", scratch / "tiny.toml", "--target", "core:99"}, "no such target"},
      {{"frobnicate"}, "no command is called frobnicate"},
      {{"report", scratch / "empty"}, "no journal there"},
      {{"resume", scratch / "empty"}, "no journal there"},
      {{"inventory", "--sysroot", scratch / "nowhere"}, "no such folder"},
      {{"plugin", "inspect", scratch / "tiny.toml"}, "not an ELF file"},
      {{"plugin", "new", scratch / "Bad-Name"}, "small letters"},
      {{"plan", "check", scratch / "broken.toml"}, "broken.toml:2:"},
      {{"prove", "nothing.at-all"}, "no test is called"},
  };
  for (const auto& [arguments, words] : table) {
    std::vector<std::string> command{program()};
    command.insert(command.end(), arguments.begin(), arguments.end());
    const auto outcome = run(command);
    INFO(arguments[0] << " " << (arguments.size() > 1 ? arguments[1] : "") << ": " << outcome.errors);
    CHECK(outcome.exit_code == 2);
    CHECK_THAT(outcome.errors, Contains(words));
    CHECK(outcome.output.empty());
  }
}

TEST_CASE("a required test that cannot run makes the run incomplete") {
  const Scratch scratch;
  // No topology that this process may run on: no core can be bound.
  write_file(
      scratch / "tiny.toml",
      tiny_plan("[[stage.test]]\nuse = \"peripherals.battery\"\ntargets = [\"battery:none-such\"]\nrequired = true\n"));
  const auto outcome = run({program(), "run", scratch / "tiny.toml", "--out", scratch / "run"});
  CHECK(outcome.exit_code == 3);
  CHECK_THAT(outcome.output, Contains("Not tested"));
}

TEST_CASE("a run whose host is killed goes on, and nothing finished is run again") {
  const Scratch scratch;
  std::string stages;
  for (int i = 0; i < 6; ++i)
    stages += "[[stage]]\nid = \"s" + std::to_string(i) +
              "\"\n[[stage.test]]\nuse = \"cpu.integer\"\ntargets = [\"core:0\"]\nparameters.duration = \"0.4s\"\n";
  write_file(scratch / "plan.toml", tiny_plan(stages));
  for (const int finished : {1, 3, 5}) {
    INFO(finished);
    const std::string folder = scratch / ("run" + std::to_string(finished));
    const pid_t host = start({program(), "run", scratch / "plan.toml", "--out", folder});
    REQUIRE(wait_for_trials(folder, finished));
    kill(host, SIGKILL);
    CHECK(wait_for(host) == 128 + SIGKILL);
    const json before = json::parse(run({program(), "report", folder, "--format", "json"}).output);
    CHECK(before["conclusion"]["complete"] == false);
    int done = 0;
    for (const json& trial : before["trials"]) done += trial["end"].is_null() ? 0 : 1;
    CHECK(done >= finished);

    const auto resumed = run({program(), "resume", folder});
    INFO(resumed.output << resumed.errors);
    CHECK(resumed.exit_code == 0);
    const json after = record_of(folder);
    CHECK(after["interruptions"] == 1);
    CHECK(after["conclusion"]["complete"] == true);
    const json notes = after["conclusion"]["notes"];
    CHECK(std::any_of(notes.begin(), notes.end(),
                      [](const json& note) { return note["finding"]["code"] == "interrupted"; }));
    int complete = 0;
    std::set<std::string> stages_seen;
    for (const json& trial : after["trials"])
      if (trial["end"]["status"] == "complete") ++complete, stages_seen.insert(trial["stage"]);
    CHECK(complete == 7);
    CHECK(stages_seen.size() == 7);
    CHECK(run({program(), "resume", folder}).exit_code == 2);
  }
}

TEST_CASE("what is gone when a run goes on is not taken for tested") {
  const Scratch scratch;
  const std::string folder = scratch / "run", journal = folder + "/journal.jsonl";
  write_file(scratch / "plan.toml",
             tiny_plan("[[stage]]\nid = \"long\"\n[[stage.test]]\nuse = \"cpu.integer\"\ntargets = "
                       "[\"core:0\"]\nparameters.duration = \"2s\"\n"));
  const pid_t host = start({program(), "run", scratch / "plan.toml", "--out", folder});
  REQUIRE(wait_for(folder, "\"assay.trial\"", 2));
  CHECK_THAT(run({program(), "resume", folder}).errors,
             Contains("still going on") && Contains("(process " + std::to_string(host) + ")"));
  kill(host, SIGKILL);
  wait_for(host);
  // As if the run had begun with a disk that has been pulled out since.
  const std::string list = R"("planned":[)";
  // An older Assay wrote it: what is tied to the station cannot be changed.
  std::string text = without_links(read_file(journal));
  const size_t at = text.find(list);
  REQUIRE(at != std::string::npos);
  text.insert(at + list.size(), R"({"required":true,"serial":"S1","target":"disk:gone","test":"storage.latency"},)");
  write_file(journal, text);
  CHECK_THAT(run({program(), "resume", folder}).errors, Contains("it was cut back"));  // this station knows better
  const auto resumed = run({program(), "resume", folder}, {"ASSAY_STATION=" + (scratch / "other")});
  INFO(resumed.output << resumed.errors);
  CHECK(resumed.exit_code == 3);
  bool named = false;
  const json record = record_of(folder);
  for (const json& gap : record["conclusion"]["not_tested"])
    named = named || (gap["target"] == "disk:gone" && gap["required"] == true);
  CHECK(named);
}

TEST_CASE("a process that may use one core tests that one, and says what it leaves out") {
  const Scratch scratch;
  const auto outcome = run({"taskset", "-c", "0", program(), "run", "quick", "--only", "cpu.*", "--duration", "4s",
                            "--out", scratch / "run"});
  INFO(outcome.output << outcome.errors);
  // The plan wants each core.
  CHECK(outcome.exit_code == (sysconf(_SC_NPROCESSORS_ONLN) > 1 ? 3 : 0));
  const json record = record_of(scratch / "run");
  for (const json& trial : record["trials"]) CHECK(trial["target"]["id"] != "core:1");
  bool lonely = false;
  for (const json& gap : record["conclusion"]["not_tested"]) lonely = lonely || gap["test"] == "cpu.coherence";
  CHECK(lonely);
  if (sysconf(_SC_NPROCESSORS_ONLN) > 1)
    CHECK_THAT(read_file(scratch / "run/report.html"), Contains("this program may not run on it"));
}

TEST_CASE("Ctrl-C ends a run cleanly, with a report") {
  const Scratch scratch;
  write_file(scratch / "plan.toml",
             tiny_plan("[[stage]]\nid = \"long\"\n[[stage.test]]\nuse = \"cpu.integer\"\nparameters.duration = "
                       "\"1h\"\n[[stage.test]]\nuse = \"memory.march\"\n"));
  const pid_t host = start({program(), "run", scratch / "plan.toml", "--out", scratch / "run"});
  REQUIRE(wait_for_trials(scratch / "run", 1));
  kill(host, SIGINT);
  CHECK(wait_for(host) == 130);
  const json record = record_of(scratch / "run");
  CHECK(record["stopped_by_user"] == true);
  CHECK_THAT(read_file(scratch / "run/report.html"), Contains("The run was stopped before its end"));
  // What was cut short is no pass, and what was not reached is named.
  for (const json& trial : record["trials"])
    if (trial["test"] == "cpu.integer") CHECK(trial["end"]["status"] == "aborted");
  bool named = false;
  for (const json& gap : record["conclusion"]["not_tested"])
    named = named || (gap["test"] == "memory.march" && gap["category"] == "not-reached");
  CHECK(named);
}

TEST_CASE("a disk that fills up in mid-run is trouble, and loses nothing that was finished") {
  const Scratch scratch;
  std::filesystem::create_directory(scratch / "small");
  if (geteuid() != 0 || mount("tmpfs", (scratch / "small").c_str(), "tmpfs", 0, "size=256k") != 0) {
    WARN("skipped: needs root, for a small file system");
    return;
  }
  std::string stages;
  for (int i = 0; i < 60; ++i)
    stages += "[[stage]]\nid = \"s" + std::to_string(i) + "\"\n[[stage.test]]\nuse = \"system.inventory\"\n";
  write_file(scratch / "plan.toml", tiny_plan(stages));
  const pid_t host = start({program(), "run", scratch / "plan.toml", "--out", scratch / "small/run"});
  wait_for_trials(scratch / "small/run", 2);
  run({"sh", "-c", "cat /dev/zero > '" + (scratch / "small/filler") + "'"});
  CHECK(wait_for(host) == 3);
  const auto report = run({program(), "report", scratch / "small/run", "--format", "json"});
  CHECK(report.exit_code == 0);
  const json record = json::parse(report.output);
  CHECK(record["damaged_lines"] == 0);
  CHECK(record["trials"].size() >= 2);
  umount((scratch / "small").c_str());
}

TEST_CASE("what the kernel says during a trial is a finding of that trial") {
  const Scratch scratch;
  write_file(scratch / "kmsg", "");
  write_file(scratch / "plan.toml", tiny_plan("[[stage]]\nid = \"b\"\n[[stage.test]]\nuse = \"cpu.integer\"\ntargets = "
                                              "[\"core:0\"]\nparameters.duration = \"1.5s\"\n",
                                              "prove = \"none\"\nconfirm = 0\n"));
  const pid_t host =
      start({program(), "run", scratch / "plan.toml", "--out", scratch / "run", "--kernel-log", scratch / "kmsg"});
  REQUIRE(wait_for(scratch / "run", "\"testStepStart\"", 2));
  write_file(scratch / "kmsg", "2,1,1,-;mce: [Hardware Error]: CPU 0: Machine Check: 0 Bank 5: 9c00004000010090\n");
  CHECK(wait_for(host) == 1);
  const json fault = record_of(scratch / "run")["conclusion"]["faults"][0];
  CHECK(fault["test"] == "");  // of no test that happened to run
  CHECK(fault["subsystem"] == "processor");
  CHECK(fault["finding"]["code"] == "kernel:machine-check");
}

TEST_CASE("storage can be pointed at one file") {
  const Scratch scratch;
  write_file(scratch / "disk.img", std::string(1 << 20, 'x'));
  const auto outcome = run({program(), "run", "quick", "--duration", "2s", "--only", "storage.latency", "--target",
                            scratch / "disk.img", "--out", scratch / "run"});
  INFO(outcome.output << outcome.errors);
  // A file system without direct reads (an overlay, say) gives a skip with its reason, and then nothing was tested.
  CHECK((outcome.exit_code == 0 ||
         (outcome.exit_code == 3 && outcome.output.find("cannot be read") != std::string::npos)));
}

TEST_CASE("events are streamed as JSON lines") {
  const Scratch scratch;
  write_file(scratch / "tiny.toml", tiny_plan());
  const auto outcome = run({program(), "run", scratch / "tiny.toml", "--json", "--out", scratch / "run"});
  CHECK(outcome.exit_code == 0);
  std::istringstream lines(outcome.output);
  std::vector<std::string> events;
  for (std::string line; std::getline(lines, line);) events.push_back(json::parse(line).at("event"));
  REQUIRE(events.size() >= 4);
  std::erase(events, "warning");  // without root the kernel's log cannot be read, and that is told first
  CHECK(events.front() == "stage");
  CHECK(events.back() == "end");
}

TEST_CASE("every listing command speaks JSON, and every command has an example in its help") {
  for (const auto& command : std::vector<std::vector<std::string>>{{"inventory"},
                                                                   {"plan", "list"},
                                                                   {"plan", "explain", "quick"},
                                                                   {"plugin", "list"},
                                                                   {"plan", "check", "quick"}}) {
    std::vector<std::string> arguments{program()};
    arguments.insert(arguments.end(), command.begin(), command.end());
    const auto help = [&] {
      auto h = arguments;
      h.push_back("--help");
      return run(h);
    }();
    CHECK_THAT(help.output, Contains("Example: "));
    arguments.push_back("--json");
    const auto outcome = run(arguments);
    INFO(command[0] << outcome.errors);
    CHECK(outcome.exit_code == 0);
    CHECK_FALSE(json::parse(outcome.output).is_null());
  }
}

TEST_CASE("the same seed makes the same trials") {
  const Scratch scratch;
  write_file(scratch / "tiny.toml", tiny_plan());
  std::vector<uint64_t> seeds;
  for (const char* folder : {"one", "two"}) {
    run({program(), "run", scratch / "tiny.toml", "--seed", "77", "--out", scratch / folder});
    seeds.push_back(record_of(scratch / folder)["trials"][0]["seed"]);
  }
  CHECK(seeds[0] == seeds[1]);
}

TEST_CASE("the host stays small") {
  const Scratch scratch;
  write_file(scratch / "plan.toml",
             tiny_plan("[[stage.test]]\nuse = \"cpu.integer\"\nparameters.duration = \"0.5s\"\n"));
  const pid_t host = start({program(), "run", scratch / "plan.toml", "--out", scratch / "run"});
  REQUIRE(wait_for_trials(scratch / "run", 1));
  long high_water = 0;
  const std::string status = read_file("/proc/" + std::to_string(host) + "/status");
  const auto at = status.find("VmHWM:");
  if (at != std::string::npos) std::sscanf(status.c_str() + at, "VmHWM: %ld", &high_water);
  wait_for(host);
  CHECK(high_water > 0);
#ifndef ASSAY_SANITIZED
  CHECK(high_water < 64 * 1024);
#endif
}
