// Every way to misbehave, through the real program: each has the status that it must get, and the run goes on.
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "../support/command.hpp"

using namespace assay::test;
using nlohmann::json;

namespace {

struct Row {
  const char* name;
  const char* status;
  const char* words;  // in the reason, or in the trial's log
};

// Under a sanitizer the address space is not bounded, and heap damage is reported by the sanitizer, which exits.
#ifdef ASSAY_SANITIZED
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif
// Whether a sanitizer's loader lets an exception through, so that the runner says that the file cannot be loaded, or
// ends the process, depends on the sanitizer.
const std::string thrown_while_loading = sanitized ? "error|crashed" : "crashed";

const std::vector<Row>& table() {
  static const std::vector<Row> rows = [] {
    std::vector<Row> all{
        {"segfault", "crashed", "SIGSEGV"},
        {"illegal-instruction", "crashed", "SIGILL"},
        {"bus-error", "crashed", "SIGBUS"},
        {"machine-check", "crashed", "reported faulty memory"},
        {"abort", "crashed", "SIGABRT"},
        {"throw-across", "crashed", "SIGABRT"},
        {"throw-in-static", thrown_while_loading.c_str(), "being loaded|cannot be loaded"},
        {"exit-zero", "error", "without a verdict"},
        {"underscore-exit-zero", "error", "without a verdict"},
        {"exit-in-constructor", "error", "while the plugin was being loaded without a verdict"},
        {"infinite-loop", "timeout", "ended by SIGTERM"},
        {"ignores-term", "timeout", "was killed"},
        {"stack-overflow", "crashed", "stack overflow"},
        {"fork-bomb", "timeout", "did not end"},
        {"fork-bomb-permitted", "error", "left 200 process(es) running"},
        {"descriptor-leak", "error", "count never came"},
        {"closes-everything", "error", "without a verdict|closed the result channel"},
        {"floods-log", "error", "count never came"},
        {"garbage-in-channel", "error", "garbage"},
        {"frame-of-4-gib", "error", "4294967295 bytes"},
        {"half-frame", "error", "garbage|middle of a message"},
        {"closes-channel", "error", "closed the result channel"},
        {"nan-measurement", "error", "not a number"},
        {"undeclared-measurement", "error", "does not declare: surprise"},
        {"missing-measurement", "error", "count never came"},
        {"passes-when-stopped", "timeout", "does not say how much it had tested"},
        {"speaks-as-kernel", "crashed", "SIGSEGV"},
        {"progress-beyond", "complete", "beyond 100 %"},
        {"stops-itself", "complete", "had stopped itself"},
        {"daemonises", "error", "left 1 process(es) running"},
        {"kills-parent-group", "complete", ""},
        {"reaches-out", "complete", ""},
        {"series-in-the-way", "complete", "could not all be written"},
        {"fails-after-notes", "complete", "It is broken."},
        {"measures-without-end", "error", "more measurements than a trial may"},
        {"other-manifest", "error", "does not know the test"},
        {"entry-of-other-major", "error", "damaged"},
        {"entry-of-newer-minor", "error", "newer Assay"},
    };
    if (!sanitized) {
      all.push_back({"heap-corruption", "crashed", "SIGABRT"});
      all.push_back({"thread-bomb", "timeout", "did not end"});
      all.push_back({"memory-hog", "crashed", "SIGABRT"});
    }
    all.push_back({"writes-outside", "complete", ""});
    all.push_back({"well-behaved", "complete", ""});
    return all;
  }();
  return rows;
}

/// A second, but for what must first fill or write a gigabyte: how long that takes is the machine's affair.
std::string limit_of(const std::string& name) { return name == "memory-hog" || name == "floods-log" ? "60s" : "1s"; }

std::string plan() {
  std::string text = "[plan]\nid = \"hostile\"\ntitle.en = \"Hostile\"\nprove = \"none\"\n[[stage]]\nid = \"all\"\n";
  for (const Row& row : table())
    text +=
        std::string("[[stage.test]]\nuse = \"") + row.name + ".test\"\ntime-limit = \"" + limit_of(row.name) + "\"\n";
  return text;
}

bool says_one_of(const std::string& text, const std::string& choices) {
  size_t start = 0;
  while (true) {
    const size_t end = choices.find('|', start);
    if (text.find(choices.substr(start, end - start)) != std::string::npos) return true;
    if (end == std::string::npos) return false;
    start = end + 1;
  }
}

/// In the environment of everything that this process starts.
std::string own_mark() { return "ASSAY_TEST=" + std::to_string(getpid()) + '\0'; }

bool has_landlock() { return syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION) > 0; }

std::string hostile_folder() { return build_folder() + "/tests/hostile/plugins"; }

}  // namespace

TEST_CASE("every hostile plugin gets its status, and the run goes on to the next") {
  const Scratch scratch;
  setenv("ASSAY_TEST", std::to_string(getpid()).c_str(), 1);
  write_file(scratch / "hostile.toml", plan());
  const auto outcome =
      run({program(), "run", scratch / "hostile.toml", "--plugin-dir", hostile_folder(), "--out", scratch / "run"});
  INFO(outcome.errors);
  // One finding of the machine itself: the machine check.
  CHECK(outcome.exit_code == 1);
  const json record = json::parse(read_file(scratch / "run/record.json"));
  std::map<std::string, json> trials;
  for (const json& trial : record["trials"])
    if (trial["purpose"] == "test") trials[trial["test"]] = trial;
  for (const Row& row : table()) {
    INFO(row.name);
    REQUIRE(trials.count(std::string(row.name) + ".test") == 1);
    const json& trial = trials[std::string(row.name) + ".test"];
    INFO(trial.dump(1));
    CHECK(says_one_of(trial["end"]["status"].get<std::string>(), row.status));
    CHECK(says_one_of(trial.dump(), row.words));
    // Two of them speak of the machine: one has its word, the other that of the plugin.
    const bool speaks = row.name == std::string("machine-check") || row.name == std::string("fails-after-notes");
    if (!speaks) CHECK(trial["end"]["result"] != "fail");
  }
  CHECK(trials["machine-check.test"]["end"]["result"] == "fail");
  CHECK(says_one_of(trials["machine-check.test"].dump(), "0x123456789000"));
  CHECK(trials["fails-after-notes.test"]["end"]["result"] == "fail");
  for (const json& fault : record["conclusion"]["faults"]) CHECK(fault["test"] != "speaks-as-kernel.test");
  CHECK(trials["reaches-out.test"]["end"]["result"] == "pass");
  CHECK(trials["well-behaved.test"]["end"]["result"] == "pass");

  const std::string page = read_file(scratch / "run/report.html");
  for (const Row& row : table())
    if (std::string(row.status) != "complete") CHECK(page.find(std::string(row.name)) != std::string::npos);
  // A gigabyte of noise is counted, not kept.
  CHECK(std::filesystem::file_size(scratch / "run/journal.jsonl") < 4'000'000);
  CHECK(says_one_of(trials["floods-log.test"].dump(), "1 GiB"));
}

TEST_CASE("nothing that a plugin started outlives its trial") {
  // Every process that a trial starts carries the trial's mark, whatever ties it has cut; and this test's own, so that
  // other runs on this machine do not count.
  int left = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string environment = read_file(entry.path().string() + "/environ");
    if (environment.find("ASSAY_TRIAL=") != std::string::npos && environment.find(own_mark()) != std::string::npos)
      ++left;
  }
  CHECK(left == 0);
}

TEST_CASE("a plugin cannot write outside its artifact folder") {
  const bool written = access("/tmp/assay-hostile-was-here", F_OK) == 0;
  unlink("/tmp/assay-hostile-was-here");
  if (written && !has_landlock())
    WARN("this kernel has no landlock: the write could not be refused");
  else
    CHECK_FALSE(written);
}

TEST_CASE("a plugin that only observes cannot write to its device") {
  const Scratch scratch;
  const std::string kept(1 << 20, 'k');
  write_file(scratch / "disk", kept);
  // The consent does not help: its own manifest says what it may.
  const auto outcome = run({program(),      "run",
                            "--plugin-dir", hostile_folder(),
                            "--plugin-dir", build_folder() + "/lib/assay/plugins",
                            "--only",       "writes-device.test",
                            "--target",     scratch / "disk",
                            "--allow",      "destructive",
                            "--backup",     "made",
                            "--erase",      scratch / "disk",
                            "--allow",      "scratch",
                            "--out",        scratch / "run"});
  INFO(outcome.output << outcome.errors);
  if (!has_landlock()) {
    WARN("this kernel has no landlock: a path that root may write to cannot be refused");
    return;
  }
  CHECK(outcome.exit_code == 0);
  CHECK(read_file(scratch / "disk") == kept);
}

TEST_CASE("a plugin that may write a file cannot fill the disk with it") {
  const Scratch scratch;
  std::filesystem::create_directory(scratch / "folder");
  const auto outcome = run({program(), "run", "--plugin-dir", hostile_folder(), "--plugin-dir",
                            build_folder() + "/lib/assay/plugins", "--only", "grows-without-end.test", "--target",
                            scratch / "folder", "--allow", "scratch", "--out", scratch / "run"});
  INFO(outcome.output << outcome.errors);
  CHECK(outcome.exit_code == 0);
  CHECK(std::filesystem::is_empty(scratch / "folder"));
}

TEST_CASE("files that are no plugins are refused, and the others are used") {
  const Scratch scratch;
  std::filesystem::copy_file(hostile_folder() + "/well_behaved.so", scratch / "good.so");
  write_file(scratch / "text.so", "not a plugin\n");
  write_file(scratch / "cut.so", read_file(hostile_folder() + "/well_behaved.so").substr(0, 700));
  REQUIRE(mkfifo((scratch / "fifo.so").c_str(), 0600) == 0);
  std::filesystem::create_directory(scratch / "folder.so");
  const auto listed = run({program(), "plugin", "list", "--json", "--plugin-dir", scratch.path()});
  REQUIRE(listed.exit_code == 0);
  const json list = json::parse(listed.output);
  CHECK(list["plugins"].size() == 1);
  CHECK(list["refused"].size() == 4);
  for (const json& refusal : list["refused"]) CHECK_FALSE(refusal["reason"].get<std::string>().empty());
}
