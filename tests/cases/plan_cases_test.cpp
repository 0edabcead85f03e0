// Plans and names with odd characters; and plans that want cores which something hides.
#include <sched.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "../support/captured_tree.hpp"
#include "../support/command.hpp"
#include "../support/in_place.hpp"

using namespace assay::test;
using Catch::Contains;
using nlohmann::json;

namespace {

const std::string data = source_folder() + "/tests/cases/data/";

int usable_cores() {
  cpu_set_t allowed;
  return sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? CPU_COUNT(&allowed) : 0;
}

int number_of_cores() { return static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN)); }

/// The last core, which the cases hide.
std::string last_core() { return std::to_string(number_of_cores() - 1); }
std::string other_cores() { return number_of_cores() == 2 ? "0" : "0-" + std::to_string(number_of_cores() - 2); }

bool has_cores() {
  if (number_of_cores() >= 2 && usable_cores() == number_of_cores()) return true;
  WARN("skipped: needs two cores, to hide one");
  return false;
}

/// The run of a plan with a required test on each core, one of which is hidden.
void check_incomplete(const std::string& folder, const Outcome& outcome, const std::string& reason) {
  INFO(outcome.output << outcome.errors);
  CHECK(outcome.exit_code == 3);
  const json record = json::parse(read_file(folder + "/record.json"), nullptr, false);
  REQUIRE(record.is_object());
  std::string told;
  for (const json& gap : record["conclusion"]["not_tested"])
    if (gap["target"] == "core:" + last_core()) told += gap.dump();
  CHECK_THAT(told, Contains(reason) && Contains("\"required\":true"));
  for (const json& trial : record["trials"]) {
    CHECK(trial["target"]["id"] != "core:" + last_core());
    CHECK(trial["end"]["status"] == "complete");
  }
}

std::vector<std::string> run_command(const Scratch& scratch) {
  return {program(), "run", data + "C1-hidden-core.toml", "--out", scratch / "run"};
}

/// A cpuset of its own, of version 1 or 2; none where this system gives none.
class Cpuset {
 public:
  explicit Cpuset(const std::string& cores) {
    namespace fs = std::filesystem;
    std::error_code error;
    for (const std::string parent : {"/sys/fs/cgroup/cpuset", "/sys/fs/cgroup"}) {
      if (!fs::exists(parent + "/cpuset.cpus") && !fs::exists(parent + "/cpuset.cpus.effective")) continue;
      folder_ = parent + "/assay-case-" + std::to_string(getpid());
      if (!fs::create_directory(folder_, error)) continue;
      write_file(folder_ + "/cpuset.mems", "0\n");
      write_file(folder_ + "/cpuset.cpus", cores + "\n");
      if (read_file(folder_ + "/cpuset.cpus") == cores + "\n") return;
      fs::remove(folder_, error);
    }
    folder_.clear();
  }
  ~Cpuset() {
    std::error_code error;
    if (!folder_.empty()) std::filesystem::remove(folder_, error);
  }
  Cpuset(const Cpuset&) = delete;
  Cpuset& operator=(const Cpuset&) = delete;
  const std::string& folder() const { return folder_; }

 private:
  std::string folder_;
};

}  // namespace

TEST_CASE("C1: a core that a cpuset hides is named, and a required test on it makes the run incomplete") {
  if (!has_cores()) return;
  const Cpuset cpuset(geteuid() == 0 ? other_cores() : "");
  if (cpuset.folder().empty()) {
    WARN("skipped: needs root and control groups, for a cpuset");
    return;
  }
  const Scratch scratch;
  std::vector<std::string> command{"sh", "-c", "echo $$ > " + cpuset.folder() + "/cgroup.procs; exec \"$@\"", "sh"};
  for (const std::string& word : run_command(scratch)) command.push_back(word);
  check_incomplete(scratch / "run", run(command), "cpuset");
}

TEST_CASE("C1: a core that taskset hides is named, and a required test on it makes the run incomplete") {
  if (!has_cores()) return;
  const Scratch scratch;
  std::vector<std::string> command{"taskset", "-c", other_cores()};
  for (const std::string& word : run_command(scratch)) command.push_back(word);
  check_incomplete(scratch / "run", run(command), "taskset");
}

TEST_CASE("C1: a core that is offline or isolated is named, and a required test on it makes the run incomplete") {
  if (!has_cores() || !can_put_in_place()) return;
  struct Row {
    const char *file, *reason;
    std::string text;
  };
  const std::string folder = "/sys/devices/system/cpu/";
  for (const Row& row : {Row{"online", "offline", other_cores()}, Row{"isolated", "isolated", last_core()}}) {
    const Scratch scratch;
    write_file(scratch / "file", row.text + "\n");
    std::vector<std::string> command = run_command(scratch);
    // As Linux starts programs that nobody has bound.
    command.insert(command.begin(), {"taskset", "-c", other_cores()});
    const auto outcome = run(in_place({{folder + row.file, scratch / "file"}}, command));
    check_incomplete(scratch / "run", outcome, row.reason);
  }
}

TEST_CASE("C1: the inventory lists a hidden core with what hides it, and a hidden core is no fault of the machine") {
  if (!has_cores()) return;
  const auto listed = run({"taskset", "-c", other_cores(), program(), "inventory", "--json"});
  const json processor = json::parse(listed.output)["processor"];
  REQUIRE(processor["hidden"].size() == 1);
  CHECK(std::to_string(processor["hidden"][0]["os_index"].get<int>()) == last_core());
  CHECK(processor["logical_present"] == number_of_cores());

  if (!can_put_in_place()) return;
  const Scratch scratch;
  write_file(scratch / "file", other_cores() + "\n");
  write_file(scratch / "plan.toml",
             "[plan]\nid = \"a\"\ntitle.en = \"A\"\nprove = \"none\"\n[[stage]]\nid = \"a\"\n[[stage.test]]\n"
             "use = \"system.inventory\"\nrequired = true\n");
  const auto outcome = run(in_place({{"/sys/devices/system/cpu/online", scratch / "file"}},
                                    {program(), "run", scratch / "plan.toml", "--out", scratch / "run"}));
  INFO(outcome.output << outcome.errors);
  CHECK(outcome.exit_code == 0);
  CHECK_THAT(read_file(scratch / "run/record.json"), Contains("cores-hidden"));
}

TEST_CASE("P1: control characters in a plan's titles reach no terminal and no page") {
  const Scratch scratch;
  const auto outcome = run({program(), "run", data + "P1-control-characters.toml", "--out", scratch / "run"});
  INFO(outcome.output << outcome.errors);
  CHECK(outcome.exit_code == 0);
  const auto text = run({program(), "report", scratch / "run", "--format", "text"});
  for (const std::string& shown : {outcome.output, text.output, read_file(scratch / "run/report.html")}) {
    CHECK(shown.find("\x1b[31m") == std::string::npos);
    CHECK(shown.find('\a') == std::string::npos);
    CHECK(shown.find('\b') == std::string::npos);
    CHECK(shown.find('\v') == std::string::npos);
  }
  CHECK(read_file(scratch / "run/report.html").find("3 <b>&") == std::string::npos);
}

TEST_CASE("P2: names in other scripts stay as they are, and bytes that are no text are replaced") {
  const Scratch root;
  lay_out_tree(data + "P2-unicode-names.tree", root.path());
  const auto outcome = run({program(), "inventory", "--sysroot", root.path(), "--json"});
  CHECK(outcome.exit_code == 0);
  const json machine = json::parse(outcome.output);  // throws for what is no UTF-8
  CHECK(machine["system"]["vendor"] == "Máquina Ñandú");
  CHECK(machine["system"]["serial"] == "机器-0001");
  REQUIRE(machine["disks"].size() == 1);
  CHECK_THAT(machine["disks"][0]["model"].get<std::string>(), Contains("INNO") && Contains("512GB"));
}
