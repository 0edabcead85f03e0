// The tests that write, on disks that lose, misplace, tear or change what they are given: each fault must be found,
// named rightly, at the right block; and a disk that keeps everything passes.
#include <algorithm>
#include <catch2/catch.hpp>

#include "fuse_disk.hpp"
#include "loop_disk.hpp"
#include "rig_run.hpp"

using namespace assay::test;

namespace {

const std::vector<std::string> scratch_allowed{"--allow", "scratch"};
const std::vector<std::string> all_allowed{"--allow", "destructive", "--backup", "not-needed"};
constexpr const char* small_and_short = "duration = \"60s\", size = 150";

/// A file system of 256 MiB on a disk with a planted fault.
struct Rig {
  FuseDisk disk;
  LoopDisk loop;
  explicit Rig(std::vector<std::string> fault)
      : disk(FuseDisk::faulty(with_size(std::move(fault)))), loop(disk.path()) {
    loop.mount();
  }
  static std::vector<std::string> with_size(std::vector<std::string> fault) {
    fault.push_back("size=" + std::to_string(256 * mib));
    return fault;
  }
  RigRun verify() const { return run_on(loop.path(), "storage.verify", small_and_short, scratch_allowed); }
  /// In findings a file system's device is called by its name alone.
  std::string at(const char* code, uint64_t byte) const { return at_block(code, loop.path().substr(5), byte); }
};

using Findings = std::vector<std::string>;

}  // namespace

TEST_CASE("a disk that keeps what it is given passes, and nothing is left on it") {
  const Rig rig({});
  const RigRun found = rig.verify();
  INFO(found.told);
  CHECK(found.exit_code == 0);
  CHECK(found.findings().empty());
  CHECK(found.measured("verified") == 100);
  CHECK(found.measured("written") == Approx(150 * 1.048576));
  CHECK(run({"/usr/bin/find", rig.loop.folder(), "-type", "f"}).output.empty());
}

TEST_CASE("a bit that reads wrongly is found at its block") {
  const Rig rig({"flip=" + std::to_string(100 * mib + 1000)});
  const RigRun found = rig.verify();
  INFO(found.told);
  CHECK(found.exit_code == 1);
  CHECK(found.findings() == Findings{rig.at("bit-flip", 100 * mib + 512)});
  CHECK(found.measured("flipped") == 1);
}

TEST_CASE("writes that are lost are found at their block") {
  const Rig rig({"lose=" + std::to_string(100 * mib) + ":8192"});
  const RigRun found = rig.verify();
  INFO(found.told);
  CHECK(found.exit_code == 1);
  CHECK(found.findings() == Findings{rig.at("lost-write", 100 * mib)});
  CHECK(found.measured("lost") == 16);
}

TEST_CASE("writes that land elsewhere are found where they landed, and missed where they belong") {
  const Rig rig({"shift=" + std::to_string(100 * mib) + ":65536"});
  const RigRun found = rig.verify();
  INFO(found.told);
  CHECK(found.exit_code == 1);
  // The place before them was written rightly and then overwritten by what went astray.
  CHECK(found.findings() == Findings{rig.at("misdirected-write", 100 * mib - 65536), rig.at("lost-write", 100 * mib)});
  CHECK(found.measured("misdirected") == 128);
}

TEST_CASE("torn sectors are found at their block") {
  const Rig rig({"tear=" + std::to_string(100 * mib) + ":512"});
  const RigRun found = rig.verify();
  INFO(found.told);
  CHECK(found.exit_code == 1);
  CHECK(found.findings() == Findings{rig.at("torn-write", 100 * mib)});
}

TEST_CASE("blocks that cannot be read back are found") {
  const Rig rig({"eio=" + std::to_string(100 * mib) + ":4096"});
  const RigRun found = rig.verify();
  INFO(found.told);
  CHECK(found.exit_code == 1);
  // A place counts once, however often it is met; it may lie across two of the test's pieces.
  CHECK((found.measured("errors") == 1 || found.measured("errors") == 2));
  CHECK(found.trial()["repeats"][0] == nlohmann::json{{"code", "read-error"}, {"repeats", 5}, {"seen_again", 5}});
}

TEST_CASE("flushing is timed on a real file system") {
  const Rig rig({});
  const RigRun found = run_on(rig.loop.path(), "storage.flush", "duration = \"1s\"", scratch_allowed);
  INFO(found.told);
  CHECK(found.exit_code == 0);
  CHECK(found.measured("flushes") >= 20);
  CHECK(found.measured("median") > 0);
}

TEST_CASE("an honest stick holds what it claims") {
  const FuseDisk stick(FuseDisk::faulty({"size=" + std::to_string(256 * mib)}));
  for (const char* mode : {"quick", "full"}) {
    INFO(mode);
    std::vector<std::string> options = all_allowed;
    options.insert(options.end(), {"--erase", stick.path()});  // the second time it holds what the first has written
    const RigRun found =
        run_on(stick.path(), "storage.capacity", std::string("cache = 16, mode = \"") + mode + "\"", options);
    INFO(found.told);
    CHECK(found.exit_code == 0);
    CHECK(found.measured("missing") == 0);
    const auto& notes = found.record["conclusion"]["notes"];
    CHECK(std::any_of(notes.begin(), notes.end(), [](const auto& n) { return n["finding"]["code"] == "overwritten"; }));
  }
}

TEST_CASE("a counterfeit is found, with its kind and its real size") {
  const struct {
    const char* fault;
    uint64_t real;
    const char* mode;
    double tolerance;  // of the size, in bytes
  } table[] = {
      {"wrap", 64 * mib, "quick", 0},
      {"wrap", 64 * mib, "full", 0},
      {"wrap", 100 * mib + 12 * 4096, "quick", 0},  // no power of two
      {"wrap", 8 * mib, "quick", 0},                // less than the run at its start
      {"limbo", 64 * mib, "quick", 2.0 * mib},
      {"limbo", 64 * mib, "full", 0},
      {"limbo", 101 * mib, "quick", 2.0 * mib},
      {"limbo", 4 * mib, "quick", 2.0 * mib},  // nearly nothing
  };
  for (const auto& row : table) {
    INFO(row.fault << " at " << row.real << ", " << row.mode);
    const FuseDisk stick(FuseDisk::faulty(
        {"size=" + std::to_string(256 * mib), std::string(row.fault) + "=" + std::to_string(row.real)}));
    const RigRun found =
        run_on(stick.path(), "storage.capacity", std::string("cache = 16, mode = \"") + row.mode + "\"", all_allowed);
    INFO(found.told);
    CHECK(found.exit_code == 1);
    REQUIRE(found.findings().size() == 1);
    CHECK(found.findings()[0].rfind(row.fault, 0) == 0);
    CHECK(std::abs(found.measured("real") * 1e6 - static_cast<double>(row.real)) <= row.tolerance);
  }
}

TEST_CASE("a stick that cannot be written is a failing stick, and no counterfeit") {
  const FuseDisk stick({"--filter=error", "memory", "64M", "error-pwrite-rate=20%"});
  const RigRun found = run_on(stick.path(), "storage.capacity", "cache = 8", all_allowed);
  INFO(found.told);
  CHECK((found.exit_code == 1 || found.exit_code == 4));  // it comes and goes, most likely at each place
  CHECK(found.notes("gave-up"));
  for (const std::string& finding : found.findings()) CHECK(finding.rfind("limbo", 0) != 0);
}
