// Parts that are hidden, limited or taken away while they are tested.
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "../support/command.hpp"

using namespace assay::test;
using nlohmann::json;

namespace {

namespace fs = std::filesystem;

/// Processors that this process may use.
std::vector<int> usable() {
  cpu_set_t set;
  std::vector<int> list;
  if (sched_getaffinity(0, sizeof set, &set) == 0)
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
      if (CPU_ISSET(cpu, &set)) list.push_back(cpu);
  return list;
}

/// The number after the name in /proc/PID/stat: ") S PARENT".
int parent_of(const std::string& stat) { return std::atoi(stat.c_str() + stat.rfind(')') + 4); }

/// Every thread of assay-runner below `host`: its first process, and the trial, which that one starts.
std::vector<pid_t> runner_threads(pid_t host) {
  std::map<int, int> parents;
  std::error_code error;
  for (const auto& process : fs::directory_iterator("/proc", error)) {
    const std::string stat = read_file(process.path() / "stat");
    const size_t name = stat.find('('), rest = stat.rfind(')');
    if (name != std::string::npos && stat.substr(name + 1, rest - name - 1).rfind("assay-runner", 0) == 0)
      parents[std::atoi(stat.c_str())] = parent_of(stat);
  }
  std::vector<pid_t> threads;
  for (const auto& [process, parent] : parents) {
    const auto above = parents.find(parent);
    if (parent != host && (above == parents.end() || above->second != host)) continue;
    for (const auto& thread : fs::directory_iterator("/proc/" + std::to_string(process) + "/task", error))
      threads.push_back(std::atoi(thread.path().filename().c_str()));
  }
  return threads;
}

/// As Linux does it when a core goes offline or its cpuset loses it: threads that may run on that core alone run on
/// another one from then on. True when there was one.
bool take_away(int core, int other, pid_t host) {
  bool taken = false;
  for (const pid_t thread : runner_threads(host)) {
    cpu_set_t set;
    if (sched_getaffinity(thread, sizeof set, &set) != 0 || CPU_COUNT(&set) != 1 ||
        !CPU_ISSET(static_cast<size_t>(core), &set))
      continue;
    CPU_ZERO(&set);
    CPU_SET(static_cast<size_t>(other), &set);
    taken = sched_setaffinity(thread, sizeof set, &set) == 0 || taken;
  }
  return taken;
}

bool has_ended(pid_t child) {
  siginfo_t ended{};
  return waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOHANG | WNOWAIT) != 0 || ended.si_pid == child;
}

struct Run {
  int exit_code = -1;
  json trial, conclusion;
};

/// One trial, from which the core is taken all the while.
Run run_while_taking(const std::string& test, const std::string& target, int core, int other) {
  const Scratch scratch;
  write_file(scratch / "plan.toml",
             "[plan]\nid = \"gone\"\ntitle.en = \"Gone\"\nprove = \"none\"\nconfirm = 0\n[[stage]]\nid = "
             "\"a\"\n[[stage.test]]\nuse = \"" +
                 test + "\"\nrequired = true\ntargets = [\"" + target + "\"]\nparameters.duration = \"3s\"\n" +
                 (target == "memory" ? "parameters.share = 0.05\n" : ""));
  const pid_t host = start({program(), "run", scratch / "plan.toml", "--out", scratch / "run"});
  bool taken = false;
  while (!has_ended(host)) {
    taken = take_away(core, other, host) || taken;
    usleep(1000);
  }
  Run result;
  result.exit_code = wait_for(host);
  const json record = json::parse(read_file(scratch / "run/record.json"), nullptr, false);
  INFO(test << " on " << target);
  REQUIRE(record.is_object());
  REQUIRE(taken);
  REQUIRE(record["trials"].size() == 1);
  result.trial = record["trials"][0];
  result.conclusion = record["conclusion"];
  return result;
}

}  // namespace

TEST_CASE("V2 a core that is taken away in mid-trial is trouble, and the trial says nothing of it") {
  const std::vector<int> cores = usable();
  if (cores.size() < 2) {
    WARN("SKIPPED: only one core can be used here: none can be taken away");
    return;
  }
  const int core = cores.back(), other = cores.front();
  const std::string target = "core:" + std::to_string(core);
  const std::pair<std::string, std::string> trials[] = {
      {"cpu.integer", target},       {"cpu.fma", target},      {"cpu.library", "machine"}, {"cpu.coherence", "machine"},
      {"cpu.transition", "machine"}, {"cpu.clock", "machine"}, {"memory.random", "memory"}};
  for (const auto& [test, on] : trials) {
    const Run run = run_while_taking(test, on, core, other);
    INFO(test << ": " << run.trial["end"].dump());
    CHECK(run.exit_code == 3);
    CHECK(run.trial["end"]["status"] == "error");
    CHECK(run.trial["end"]["result"] == "none");
    CHECK_THAT(run.trial["end"]["reason"].get<std::string>(),
               Catch::Contains("core " + std::to_string(core) + " went away"));
    CHECK(run.conclusion["faults"].empty());
  }
}
