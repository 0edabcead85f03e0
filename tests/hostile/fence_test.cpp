// What a plugin's process is let do and see: docs/fence.md names these tests.
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "../support/command.hpp"

using namespace assay::test;
using nlohmann::json;

namespace {

std::string hostile_folder() { return build_folder() + "/tests/hostile/plugins"; }

/// One trial of a hostile plugin, started by `how` ({}: as this test is).
struct Tried {
  explicit Tried(const std::string& name, const std::vector<std::string>& how = {}) {
    const std::string folder = scratch / "run";
    write_file(scratch / "plan.toml",
               "[plan]\nid = \"f\"\ntitle.en = \"F\"\nprove = \"none\"\nconfirm = 0\n[[stage]]\nid = "
               "\"a\"\n[[stage.test]]\nuse = \"" +
                   name + ".test\"\ntime-limit = \"5s\"\n");
    std::vector<std::string> command = how;
    for (const std::string& word : {program(), std::string("run"), scratch / "plan.toml", std::string("--plugin-dir"),
                                    hostile_folder(), std::string("--out"), folder})
      command.push_back(word);
    outcome = run(command);
    INFO(outcome.output << outcome.errors);
    record = json::parse(read_file(folder + "/record.json"));
    REQUIRE(record["trials"].size() == 1);
    trial = record["trials"][0];
  }
  /// What stands in the plugin's own log after these words, to the end of the line.
  std::string said(const std::string& words) const {
    for (const json& line : trial["log"]) {
      const auto text = line["text"].get<std::string>();
      if (text.rfind(words, 0) == 0) return text.substr(words.size());
    }
    return "(not said: " + trial.dump() + ")";
  }
  Scratch scratch;
  Outcome outcome;
  json record, trial;
};

/// Linux refuses namespaces to some: then these tests say so, and go by what is left.
bool has_gap(const std::string& part) {
  const Outcome about = run({program(), "about", "--json"});
  const json told = json::parse(about.output);
  for (const json& gap : told["fence_missing"])
    if (gap["part"] == part) return true;
  return false;
}

bool is_root() { return geteuid() == 0; }

}  // namespace

TEST_CASE("a plugin can do nothing to the machine, the host, its neighbours or what is not its own") {
  const Tried tried("reaches-for-everything");
  CHECK(tried.trial["end"]["status"] == "complete");
  CHECK(tried.said("was let do: ") == "nothing");
}

TEST_CASE("a plugin can do nothing more where Linux gives no namespaces") {
  if (!is_root()) {
    WARN("skipped: only root can take the right to namespaces from itself");
    return;
  }
  const Tried tried("reaches-for-everything", {"setpriv", "--bounding-set=-sys_admin", "--inh-caps=-all"});
  CHECK(tried.said("was let do: ") == "nothing");
  // It is said, once.
  CHECK(tried.outcome.errors.find("Linux gives no namespaces here") != std::string::npos);
  CHECK(tried.record.dump().find("The fence around plugins is lower here") != std::string::npos);
}

TEST_CASE("a plugin of an ordinary user can do nothing more") {
  const std::vector<std::string> as_nobody{"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"};
  std::vector<std::string> looks = as_nobody;
  looks.insert(looks.end(), {"test", "-r", hostile_folder()});
  if (!is_root() || run(looks).exit_code != 0) {
    WARN("skipped: needs root, and a build that other users can read");
    return;
  }
  const Scratch scratch;
  std::filesystem::permissions(scratch.path(), std::filesystem::perms::all);
  const std::vector<std::string> nobody{
      "env", "ASSAY_STATION=" + (scratch / "station"), "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"};
  // The folder of a run must be its own.
  std::vector<std::string> command = nobody;
  write_file(scratch / "plan.toml",
             "[plan]\nid = \"f\"\ntitle.en = \"F\"\nprove = \"none\"\n[[stage]]\nid = \"a\"\n[[stage.test]]\nuse = "
             "\"reaches-for-everything.test\"\n");
  for (const std::string& word : {program(), std::string("run"), scratch / "plan.toml", std::string("--plugin-dir"),
                                  hostile_folder(), std::string("--out"), scratch / "run"})
    command.push_back(word);
  const Outcome outcome = run(command);
  INFO(outcome.output << outcome.errors);
  CHECK(read_file(scratch / "run/record.json").find("was let do: nothing") != std::string::npos);
}

TEST_CASE("a plugin is an unprivileged user of its own, another one in each trial") {
  if (!is_root()) {
    WARN("skipped: only root can give a trial a user of its own");
    return;
  }
  const Tried one("looks-around"), two("looks-around");
  CHECK(one.said("user ") != two.said("user "));
  for (const Tried* tried : {&one, &two}) {
    std::istringstream numbers(tried->said("user "));
    unsigned real = 0, effective = 0, group = 0, groups = 1;
    std::string word;
    numbers >> real >> effective >> group >> word >> groups;
    CHECK(real >= 61184);
    CHECK(effective == real);
    CHECK(group == real);
    CHECK(groups == 0);
    for (const char* set : {"CapInh: ", "CapPrm: ", "CapEff: ", "CapBnd: ", "CapAmb: "})
      CHECK(tried->said(set) == "0000000000000000");
    CHECK(tried->said("NoNewPrivs: ") == "1");
    CHECK(tried->said("Seccomp: ") == "2");
  }
}

TEST_CASE("a plugin sees its own processes, a few folders to read, no network, and nothing of the environment") {
  const Tried tried("looks-around");
  CHECK(tried.said("environment: ") == "ASSAY_TRIAL PATH LANG HOME TMPDIR ");
  if (has_gap("namespaces")) {
    WARN("skipped: Linux gives no namespaces here");
    return;
  }
  CHECK(tried.said("process ") == "2 of session 1");
  CHECK(tried.said("network:").find("eth") == std::string::npos);
  if (has_gap("view") || has_gap("proc")) {
    WARN("skipped: Linux gives no file tree of its own here");
    return;
  }
  CHECK(tried.said("processes ") == "2");
  for (const char* hidden : {"root", "home", "boot", "opt", "srv", "run", "media", "mnt", "machine"})
    CHECK((" " + tried.said("root folder: ") + " ").find(std::string(" ") + hidden + " ") == std::string::npos);
  for (const char* hidden : {"sda", "vda", "nvme", "tty", "pts", "kmsg", "mem", "loop"})
    CHECK((" " + tried.said("devices: ")).find(std::string(" ") + hidden) == std::string::npos);
  CHECK(tried.said("etc: ").find("shadow") == std::string::npos);
}

TEST_CASE("what a plugin started ends with its trial, however it tries to get away") {
  // Whatever outlives assay becomes a child of this process.
  REQUIRE(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
  for (const char* name : {"leaves-processes-in-chains", "daemonises", "fork-bomb-permitted"}) {
    const Tried tried(name);
    INFO(name);
    CHECK(tried.trial["end"]["status"] != "complete");
    int left = 0;
    while (waitpid(-1, nullptr, WNOHANG) >= 0) ++left;
    CHECK(left == 0);
  }
  prctl(PR_SET_CHILD_SUBREAPER, 0);
}

TEST_CASE("a run lies on a file system without owners: what a trial left is carried over") {
  if (!is_root()) {
    WARN("skipped: only root gives a trial a user of its own");
    return;
  }
  if (has_gap("view")) {
    WARN("skipped: Linux gives no file tree of its own here");
    return;
  }
  const Tried tried("leaves-artifacts", {"setpriv", "--bounding-set=-chown", "--inh-caps=-all"});
  CHECK(tried.trial["end"]["status"] == "complete");
  CHECK(read_file(tried.scratch / "run/artifacts/t00001/note.txt") == "by the trial\n");
}
