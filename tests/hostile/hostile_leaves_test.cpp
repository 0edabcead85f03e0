// What hostile plugins leave behind, say without end or send as samples: each has its status, the record says what was
// not kept, and whoever checks the run finds it whole.
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "../support/command.hpp"

using namespace assay::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

struct Row {
  const char* name;
  const char* status;
  std::vector<std::string> words;  // each in the trial as the record has it
  const char* limit = "60s";
};

const std::vector<Row>& table() {
  static const std::vector<Row> rows{
      {"leaves-odd-things",
       "complete",
       {"8 files with names that cannot be kept were not kept", "3 folders were not kept", "good.txt"}},
      {"leaves-many-files", "complete", {"1000 files beyond the 1000 that a trial may leave were not kept"}},
      {"floods-folder", "error", {"The plugin left more than 10000 files; it was ended."}},
      {"leaves-terabyte", "complete", {}},
      {"exceeds-file-size", "error", {"wrote more into a file than a trial may"}},
      {"odd-samples", "complete", {"4 samples were no numbers"}},
      {"finds-without-end",
       "complete",
       {"The plugin made 99901 further findings; 100 are kept", "The one that counts."}},
      {"well-behaved", "complete", {}}};
  return rows;
}

std::string plan_of(const std::vector<Row>& rows) {
  std::string text =
      "[plan]\nid = \"leaves\"\ntitle.en = \"Leaves\"\nprove = \"none\"\nconfirm = 0\n[[stage]]\nid = \"all\"\n";
  for (const Row& row : rows)
    text += std::string("[[stage.test]]\nuse = \"") + row.name + ".test\"\ntime-limit = \"" + row.limit + "\"\n";
  return text;
}

std::string hostile_folder() { return build_folder() + "/tests/hostile/plugins"; }

json trial_of(const json& record, const std::string& name) {
  for (const json& trial : record["trials"])
    if (trial["test"] == name + ".test") return trial;
  return {};
}

bool verifies(const std::string& folder) {
  const auto outcome = run({program(), "report", "verify", folder});
  INFO(outcome.output << outcome.errors);
  return outcome.exit_code == 0 && outcome.output.find("ltered") == std::string::npos;
}

}  // namespace

TEST_CASE("whatever a plugin leaves is bounded, said, and no change of a run that nobody touched") {
  const Scratch scratch;
  write_file(scratch / "plan.toml", plan_of(table()));
  const auto outcome =
      run({program(), "run", scratch / "plan.toml", "--plugin-dir", hostile_folder(), "--out", scratch / "run"});
  INFO(outcome.errors);
  const json record = json::parse(read_file(scratch / "run/record.json"));
  for (const Row& row : table()) {
    INFO(row.name);
    const json trial = trial_of(record, row.name);
    INFO(trial.dump(1).substr(0, 20'000));
    REQUIRE_FALSE(trial.is_null());
    CHECK(trial["end"]["status"] == row.status);
    for (const std::string& words : row.words) CHECK(trial.dump().find(words) != std::string::npos);
  }
  CHECK(trial_of(record, "finds-without-end")["end"]["result"] == "fail");
  CHECK(record["conclusion"]["faults"].size() == 1);
  CHECK(record["damaged_lines"] == 0);
  size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(scratch / "run/artifacts")) {
    INFO(entry.path());
    struct stat status {};
    REQUIRE(lstat(entry.path().c_str(), &status) == 0);
    CHECK((S_ISDIR(status.st_mode) || S_ISREG(status.st_mode)));
    CHECK(status.st_size <= 64 << 20);
    ++files;
  }
  CHECK(files < 2100);
  CHECK(verifies(scratch / "run"));
}

TEST_CASE("a plugin that talks without end starves neither its neighbours nor the user") {
  const Scratch scratch;
  std::string plan = plan_of({{"talks-without-end", "", {}}, {"well-behaved", "", {}}});
  plan.insert(plan.find("id = \"all\"\n"), "mode = \"parallel\"\nsoak = true\n");
  write_file(scratch / "plan.toml", plan);
  const pid_t host =
      start({program(), "run", scratch / "plan.toml", "--plugin-dir", hostile_folder(), "--out", scratch / "run"});
  // The neighbour's end is in the journal while the other still talks.
  const auto ended = [&] {
    const std::string journal =
        fs::exists(scratch / "run/journal.jsonl") ? read_file(scratch / "run/journal.jsonl") : "";
    return journal.find("\"testStepEnd\"") != std::string::npos;
  };
  for (int look = 0; look < 3000 && !ended(); ++look) usleep(10'000);
  CHECK(ended());
  kill(host, SIGINT);
  CHECK(wait_for(host) == 130);
  const json record = json::parse(read_file(scratch / "run/record.json"));
  CHECK(trial_of(record, "well-behaved")["end"]["result"] == "pass");
  CHECK(trial_of(record, "talks-without-end")["end"]["status"] == "aborted");
}

TEST_CASE("a plugin that fills the disk is ended, and the run on that disk goes on") {
  const Scratch scratch;
  fs::create_directory(scratch / "disk");
  if (mount("small", (scratch / "disk").c_str(), "tmpfs", 0, "size=64m") != 0) {
    WARN("no file system of its own can be mounted here");
    return;
  }
  write_file(scratch / "plan.toml",
             plan_of({{"fills-disk", "", {}}, {"fills-disk-unseen", "", {}}, {"well-behaved", "", {}}}));
  const auto outcome =
      run({program(), "run", scratch / "plan.toml", "--plugin-dir", hostile_folder(), "--out", scratch / "disk/run"});
  INFO(outcome.output << outcome.errors);
  const json record = json::parse(read_file(scratch / "disk/run/record.json"), nullptr, false);
  const bool whole = verifies(scratch / "disk/run");
  CHECK(umount2((scratch / "disk").c_str(), MNT_DETACH) == 0);
  REQUIRE(record.is_object());
  CHECK(outcome.exit_code == 3);
  INFO(record["trials"].dump(1));
  for (const char* name : {"fills-disk", "fills-disk-unseen"}) {
    CHECK(trial_of(record, name)["end"]["status"] == "error");
    CHECK(trial_of(record, name).dump().find("it was ended") != std::string::npos);
  }
  CHECK(trial_of(record, "well-behaved")["end"]["result"] == "pass");
  CHECK(record["damaged_lines"] == 0);
  CHECK(whole);
}

TEST_CASE("what a trial had left when its host died is bounded and sealed when the run goes on") {
  const Scratch scratch;
  write_file(scratch / "plan.toml", plan_of({{"waits-with-odd-files", "", {}, "3s"}, {"well-behaved", "", {}}}));
  const pid_t host =
      start({program(), "run", scratch / "plan.toml", "--plugin-dir", hostile_folder(), "--out", scratch / "run"});
  const std::string last = scratch / "run/artifacts/t00001/last";
  for (int look = 0; look < 3000 && !fs::exists(last); ++look) usleep(10'000);
  CHECK(fs::exists(last));
  kill(host, SIGKILL);
  wait_for(host);
  const auto outcome = run({program(), "resume", scratch / "run", "--plugin-dir", hostile_folder()});
  INFO(outcome.output << outcome.errors);
  REQUIRE(fs::exists(scratch / "run/record.json"));
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(scratch / "run/artifacts/t00001"))
    names.insert(entry.path().filename().string());
  CHECK(names == std::set<std::string>{"last"});
  CHECK(verifies(scratch / "run"));
}
