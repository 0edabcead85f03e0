// Before and after a repair, on real runs: what is called gone was looked for at its very place, and what was not is
// not.
#include <catch2/catch.hpp>
#include <optional>

#include "fuse_disk.hpp"
#include "rig_run.hpp"

using namespace assay::test;
using nlohmann::json;

namespace {

const char* const head =
    "[plan]\nid = \"rig\"\ntitle.en = \"Rig\"\nprove = \"none\"\n[[stage]]\nid = \"a\"\n[[stage.test]]\n";

/// Runs of plans of one test, on targets that bear the same name.
class Bench {
 public:
  /// What is run from now on is run on a disk with these faults.
  void put_in(std::vector<std::string> faults) {
    disk_.reset();
    disk_.emplace(FuseDisk::faulty(std::move(faults)));
    unlink((folder_ / "disk").c_str());
    REQUIRE(symlink(disk_->path().c_str(), (folder_ / "disk").c_str()) == 0);
  }
  /// The run's exit code.
  int run_plan(const std::string& name, const std::string& use, const std::vector<std::string>& options = {}) {
    write_file(folder_ / name + ".toml", head + use);
    std::vector<std::string> command{program(), "run", folder_ / name + ".toml", "--out", folder_ / name};
    command.insert(command.end(), options.begin(), options.end());
    const Outcome outcome = run(command);
    told = outcome.output + outcome.errors;
    return outcome.exit_code;
  }
  int run_on_disk(const std::string& name, const std::string& use) {
    return run_plan(name, use, {"--target", folder_ / "disk"});
  }
  json compare(const std::string& before, const std::string& after, int exit_code) {
    const Outcome outcome = run({program(), "compare", folder_ / before, folder_ / after, "--format", "json"});
    INFO(outcome.output << outcome.errors);
    CHECK(outcome.exit_code == exit_code);
    return json::parse(outcome.output, nullptr, false);
  }
  std::string told;

 private:
  Scratch folder_;
  std::optional<FuseDisk> disk_;
};

const std::string surface = "use = \"storage.surface\"\nrequired = true\nleast-coverage = 0\n";

}  // namespace

TEST_CASE("a bad block is gone only when that very block was read again, with the same parameters") {
  Bench bench;
  bench.put_in({"size=1073741824", "eio=805306368:4096"});
  CHECK(bench.run_on_disk("before", surface) == 1);
  INFO(bench.told);
  bench.put_in({"size=1073741824"});

  CHECK(bench.run_on_disk("whole", surface) == 0);
  CHECK(bench.compare("before", "whole", 0)["findings"][0]["change"] == "not-seen-again");

  // A tenth of the disk, which does not hold the block: nobody has looked.
  CHECK(bench.run_on_disk("part", surface + "parameters.share = 0.1\n") == 0);
  const json part = bench.compare("before", "part", 3);
  CHECK(part["findings"][0]["change"] == "not-tested-again");
  CHECK_THAT(part["findings"][0]["seen"].get<std::string>(), Catch::Contains("was not tested again (0 of 1 places)"));

  // What counts as slow is another parameter, and so another test.
  CHECK(bench.run_on_disk("other", surface + "parameters.slow = 30.0\n") == 0);
  CHECK(bench.compare("before", "other", 3)["findings"][0]["change"] == "not-tested-again");

  bench.put_in({"size=1073741824", "eio=805306368:4096"});
  CHECK(bench.run_on_disk("still", surface) == 1);
  CHECK(bench.compare("before", "still", 1)["findings"][0]["change"] == "still-there");

  // The other way round is refused.
  bench.compare("whole", "before", 2);
}

TEST_CASE("a side that is a rehearsal, or was altered, stands in the comparison's words and exit code") {
  Bench bench;
  const std::string march =
      "use = \"memory.march\"\nparameters = { duration = \"2s\", share = 0.05 }\nleast-coverage = 0\n";
  CHECK(bench.run_plan("planted", march, {"--inject", "memory.march:flip-bit"}) == 1);
  INFO(bench.told);
  CHECK(bench.run_plan("after", march) == 0);
  const json view = bench.compare("planted", "after", 3);
  CHECK_THAT(view["headline"].get<std::string>(), Catch::Contains("Nothing about the machine follows"));
}
