// Kills `assay run` and `assay resume` at the calls by which they write, and at random moments: what had ended is there
// once and as it was, what is resumed is whole, and nothing is left behind. ASSAY_KILLS=all takes every call, and
// ASSAY_RANDOM_KILLS so many random moments (./dev kills); otherwise some of each are taken.
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <sstream>

#include "../support/command.hpp"

using namespace assay::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

constexpr int stages = 3;
constexpr const char* tracer = "/usr/bin/strace";
constexpr const char* writing =
    "openat,write,pwrite64,fsync,fdatasync,syncfs,rename,renameat,unlink,unlinkat,mkdir,mkdirat,ftruncate,fchmod";

std::string why_no_strace() {
  if (access(tracer, X_OK) != 0) return "strace is not installed";
  return run({tracer, "-o", "/dev/null", "true"}).exit_code == 0 ? "" : "this system lets nobody trace";
}

/// The number-th call of this name.
struct Moment {
  std::string call;
  int number = 0;
};

/// A run of a few trials in a folder of its own, with a station of its own: a copy of it is another attempt.
struct Attempt {
  Scratch work;
  std::string folder = work / "run";
  std::vector<std::string> station{"ASSAY_STATION=" + (work / "station")};

  Attempt() {
    std::string plan = "[plan]\nid = \"short\"\ntitle.en = \"Short\"\nprove = \"none\"\n";
    for (int i = 0; i < stages; ++i)
      plan += "[[stage]]\nid = \"s" + std::to_string(i) + "\"\n[[stage.test]]\nuse = \"system.inventory\"\n";
    write_file(work / "plan.toml", plan);
  }
  explicit Attempt(const Attempt& other) {
    for (const char* name : {"run", "station", "plan.toml"})
      if (fs::exists(other.work / name)) fs::copy(other.work / name, work / name, fs::copy_options::recursive);
  }
  std::vector<std::string> begin() const { return {program(), "run", work / "plan.toml", "--out", folder}; }
  std::vector<std::string> go_on() const { return {program(), "resume", folder}; }
};

std::vector<std::string> killed_at(const Moment& moment, const std::vector<std::string>& command) {
  std::vector<std::string> traced{tracer,
                                  "-o",
                                  "/dev/null",
                                  "-e",
                                  "trace=" + moment.call,
                                  "-e",
                                  "inject=" + moment.call + ":signal=SIGKILL:when=" + std::to_string(moment.number)};
  traced.insert(traced.end(), command.begin(), command.end());
  return traced;
}

/// The calls of a command that change what is on a disk.
std::vector<Moment> moments(const Attempt& attempt, const std::vector<std::string>& command) {
  std::vector<std::string> traced{tracer, "-o", attempt.work / "trace", "-e", std::string("trace=") + writing};
  traced.insert(traced.end(), command.begin(), command.end());
  REQUIRE(run(traced, attempt.station).exit_code == 0);
  std::vector<Moment> found;
  std::map<std::string, int> count;
  std::istringstream trace(read_file(attempt.work / "trace"));
  for (std::string line; std::getline(trace, line);) {
    const std::string call = line.substr(0, line.find('('));
    if (call.empty() || call.size() == line.size() || line[0] == '+' || line[0] == '-') continue;
    const int number = ++count[call];
    const bool told = call == "write" && (line.rfind("write(1,", 0) == 0 || line.rfind("write(2,", 0) == 0);
    if (!told && (call != "openat" || line.find("O_CREAT") != std::string::npos)) found.push_back({call, number});
  }
  return found;
}

/// Trials that the journal says have ended: by id, with the line that says how.
std::map<std::string, std::string> ended(const std::string& folder) {
  std::map<std::string, std::string> trials;
  std::istringstream journal(read_file(folder + "/journal.jsonl"));
  std::string how;
  for (std::string text; std::getline(journal, text);) {
    const json line = json::parse(text, nullptr, false);
    if (!line.is_object() || !line.contains("testStepArtifact")) continue;
    const json& step = line["testStepArtifact"];
    if (step.contains("extension") && step["extension"]["name"] == "assay.end") how = text;
    if (step.contains("testStepEnd")) trials[step["testStepId"]] = how;
  }
  return trials;
}

/// Processes that have something of the folder open.
int processes_with(const std::string& folder) {
  int count = 0;
  std::error_code ignored;
  for (const auto& process : fs::directory_iterator("/proc", ignored)) {
    if (process.path().filename().string().find_first_not_of("0123456789") != std::string::npos) continue;
    if (process.path().filename() == std::to_string(getpid())) continue;
    for (const auto& file : fs::directory_iterator(process.path() / "fd", ignored))
      if (fs::read_symlink(file.path(), ignored).string().rfind(folder, 0) == 0) {
        ++count;
        break;
      }
  }
  return count;
}

/// Resumes what was killed, and holds it against what had ended.
void check_whole(const Attempt& attempt) {
  for (int i = 0; i < 500 && processes_with(attempt.folder) > 0; ++i) usleep(10'000);
  CHECK(processes_with(attempt.folder) == 0);
  const auto before = ended(attempt.folder);
  const bool begun = read_file(attempt.folder + "/journal.jsonl").find("\"assay.link\"") != std::string::npos ||
                     read_file(attempt.folder + "/journal.jsonl").find("[assay.link]") != std::string::npos;
  const auto resumed = run(attempt.go_on(), attempt.station);
  INFO(resumed.output << resumed.errors);
  if (!begun) {
    CHECK(resumed.exit_code == 2);  // nothing had been promised yet
    return;
  }
  CHECK((resumed.exit_code == 0 || resumed.errors.find("this run has ended") != std::string::npos));
  const json record = json::parse(read_file(attempt.folder + "/record.json"), nullptr, false);
  REQUIRE(record.is_object());
  CHECK(record["damaged_lines"] == 0);
  CHECK(record["conclusion"]["complete"] == true);
  std::multiset<std::string> complete;
  for (const json& trial : record["trials"])
    if (trial["end"]["status"] == "complete") complete.insert(trial["stage"].get<std::string>());
  CHECK(complete == std::multiset<std::string>{"s0", "s1", "s2"});
  const auto after = ended(attempt.folder);
  for (const auto& [trial, how] : before) CHECK((after.count(trial) == 1 && after.at(trial) == how));
  CHECK(run({program(), "report", "verify", attempt.folder}, attempt.station).exit_code == 0);
  for (const auto& entry : fs::recursive_directory_iterator(attempt.folder))
    CHECK((entry.path().extension() != ".new" && entry.path().filename() != "live.json"));
}

bool all_moments() {
  const char* all = std::getenv("ASSAY_KILLS");
  return all != nullptr && std::string(all) == "all";
}

/// Every one, or six of them spread over all.
template <class Take>
void take_some(const std::vector<Moment>& list, Take take) {
  const size_t step = all_moments() ? 1 : std::max<size_t>(1, list.size() / 6);
  for (size_t i = step / 2; i < list.size(); i += step) take(list[i]);
  WARN("killed at " << (list.size() - step / 2 + step - 1) / step << " of " << list.size() << " calls that write");
}

}  // namespace

TEST_CASE("a run that is killed at a call by which it writes goes on from what had ended") {
  if (const std::string why = why_no_strace(); !why.empty()) {
    WARN("skipped: " << why);
    return;
  }
  const Attempt first;
  take_some(moments(first, first.begin()), [](const Moment& moment) {
    INFO(moment.call << " " << moment.number);
    const Attempt attempt;
    const int code = run(killed_at(moment, attempt.begin()), attempt.station).exit_code;
    CHECK((code == 128 + SIGKILL || code == 0));
    if (fs::exists(attempt.folder + "/journal.jsonl")) check_whole(attempt);
  });
}

TEST_CASE("a resume that is killed at a call by which it writes is resumed in its turn") {
  if (const std::string why = why_no_strace(); !why.empty()) {
    WARN("skipped: " << why);
    return;
  }
  // Cut off when its second trial has begun.
  Attempt cut;
  const Attempt whole;
  const auto all = moments(whole, whole.begin());
  int syncs = 0;
  for (const Moment& moment : all) syncs = moment.call == "fdatasync" ? moment.number : syncs;
  run(killed_at({"fdatasync", syncs / 2}, cut.begin()), cut.station);
  REQUIRE(ended(cut.folder).size() >= 1);
  const Attempt first(cut);
  take_some(moments(first, first.go_on()), [&cut](const Moment& moment) {
    INFO(moment.call << " " << moment.number);
    const Attempt attempt(cut);
    const int code = run(killed_at(moment, attempt.go_on()), attempt.station).exit_code;
    CHECK((code == 128 + SIGKILL || code == 0));
    check_whole(attempt);
  });
}

TEST_CASE("a run that is killed at any moment, and again when it is resumed, loses nothing that had ended") {
  const char* asked = std::getenv("ASSAY_RANDOM_KILLS");
  const int times = asked != nullptr ? std::atoi(asked) : 4;
  std::mt19937 random(13);
  // Within the time that a whole run takes here and now.
  const Attempt whole;
  const auto begun = std::chrono::steady_clock::now();
  REQUIRE(run(whole.begin(), whole.station).exit_code == 0);
  const auto took =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begun).count();
  std::uniform_int_distribution<useconds_t> moment(
      1'000, static_cast<useconds_t>(std::clamp<int64_t>(took, 100'000, 2'000'000)));
  int begun_runs = 0;
  for (int i = 0; i < times; ++i) {
    const Attempt attempt;
    const useconds_t first = moment(random), second = moment(random);
    INFO("killed after " << first << " and " << second << " microseconds");
    for (const auto& [command, microseconds] :
         {std::pair{attempt.begin(), first}, std::pair{attempt.go_on(), second}}) {
      const pid_t host = start(command, attempt.station);
      usleep(microseconds);
      kill(host, SIGKILL);
      wait_for(host);
    }
    if (!fs::exists(attempt.folder + "/journal.jsonl")) continue;
    ++begun_runs;
    check_whole(attempt);
  }
  WARN(begun_runs << " of " << times << " runs had begun when they were killed");
}
