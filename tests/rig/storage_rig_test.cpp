// The storage tests on disks with planted faults: each must be found, named rightly, at the right place; and a disk
// without a fault passes.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>

#include "fuse_disk.hpp"
#include "loop_disk.hpp"
#include "meanwhile.hpp"
#include "rig_run.hpp"
#include "skippable.hpp"

using namespace assay::test;

std::string assay::test::why_skipped() {
  const std::string why = why_no_rig();
  return why.empty() ? why_no_loop() : why;
}

namespace {

bool is_open_in_runner(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  for (const auto& process : fs::directory_iterator("/proc", error)) {
    if (read_file(process.path() / "comm") != "assay-runner\n") continue;
    std::error_code gone;
    for (const auto& file : fs::directory_iterator(process.path() / "fd", gone))
      if (fs::equivalent(file.path(), path, gone)) return true;  // whatever way it was opened
  }
  return false;
}

}  // namespace

TEST_CASE("a disk without a fault passes, and all of it is covered") {
  const FuseDisk disk(FuseDisk::faulty({"size=67108864"}));
  const RigRun surface = run_on(disk.path(), "storage.surface", "duration = \"60s\"");
  INFO(surface.told);
  CHECK(surface.exit_code == 0);
  CHECK(surface.findings().empty());
  CHECK(surface.measured("covered") == 100);
  CHECK(run_on(disk.path(), "storage.latency", "duration = \"1s\"").exit_code == 0);
}

TEST_CASE("memory does not grow with the size of the device") {
  const FuseDisk disk(FuseDisk::faulty({"size=" + std::to_string(uint64_t{1} << 40)}));
  for (const char* test : {"storage.surface", "storage.latency"}) {
    const RigRun found = run_on(disk.path(), test, "duration = \"2s\"");
    INFO(found.told);
    CHECK(found.exit_code == 0);
#ifndef ASSAY_SANITIZED  // a sanitizer keeps books of its own
    CHECK(found.trial()["end"]["most_memory_bytes"] < 64 * mib);
#endif
  }
}

TEST_CASE("bad sectors are found at their block, and nowhere else") {
  const FuseDisk disk(FuseDisk::faulty({"size=67108864", "eio=5242880:4096"}));
  const RigRun found = run_on(disk.path(), "storage.surface", "duration = \"60s\"");
  INFO(found.told);
  CHECK(found.exit_code == 1);
  CHECK(found.findings() == std::vector<std::string>{at_block("read-error", disk.path(), 5 * mib)});
  CHECK(found.measured("unreadable") == 1);
  CHECK(found.measured("covered") == 100);
}

TEST_CASE("a bad block is read again there, five times, and what comes and goes is told from what stays") {
  const struct {
    const char* fails;  // so many times
    const char* code;
    int seen_again, exit_code;
    double unreadable;
  } table[] = {
      {"", "read-error", 5, 1, 1},
      {":1", "read-error-once", 0, 4, 0},  // only when its MiB was read
      {":2", "read-error-once", 0, 4, 0},  // and once more alone
      {":4", "read-error", 2, 4, 1},
  };
  for (const auto& row : table) {
    const FuseDisk disk(FuseDisk::faulty({"size=67108864", std::string("eio=5242880:4096") + row.fails}));
    const RigRun found = run_on(disk.path(), "storage.surface", "duration = \"60s\"");
    INFO(row.fails << ": " << found.told);
    CHECK(found.exit_code == row.exit_code);
    CHECK(found.findings() == std::vector<std::string>{at_block(row.code, disk.path(), 5 * mib)});
    CHECK(found.measured("unreadable") == row.unreadable);
    REQUIRE(found.trial()["repeats"].size() == 1);
    CHECK(found.trial()["repeats"][0]["code"] == row.code);
    CHECK(found.trial()["repeats"][0]["repeats"] == 5);
    CHECK(found.trial()["repeats"][0]["seen_again"] == row.seen_again);
  }
}

TEST_CASE("a failing block is not looked for by going through the whole disk again") {
  // With the plan's own repeats on: one trial all the same, for it has repeated its failure itself.
  const FuseDisk disk(FuseDisk::faulty({"size=67108864", "eio=0:67108864"}));
  for (const char* test : {"storage.surface", "storage.latency"}) {
    const RigRun found = run_on(disk.path(), test, "duration = \"2s\"", {}, "confirm = 5");
    INFO(found.told);
    CHECK(found.exit_code == 1);
    CHECK(found.record["trials"].size() == 1);
    CHECK(found.trial()["repeats"][0] == nlohmann::json{{"code", "read-error"}, {"repeats", 5}, {"seen_again", 5}});
  }
}

TEST_CASE("D1 a device that becomes smaller in mid-test is trouble, and has no bad blocks") {
  const struct {
    const char* test;
    const char* parameters;
    std::vector<std::string> options;
  } table[] = {
      {"storage.surface", "duration = \"120s\"", {}},
      {"storage.latency", "duration = \"120s\"", {}},
      {"storage.capacity", "cache = 8", {"--allow", "destructive", "--backup", "not-needed"}},
  };
  for (const auto& row : table) {
    const FuseDisk slow(FuseDisk::faulty({"size=67108864", "slow=0:67108864:30"}));
    const LoopDisk disk(slow.path());
    const uint64_t before = disk.reads(), written = disk.writes();
    // The host reads, too, to see whether it is empty; what is written is the test's own.
    const Meanwhile shrink(
        [&] { return row.options.empty() ? disk.reads() >= before + 30 : disk.writes() >= written + 30; },
        [&] { disk.limit(24 * mib); });
    const RigRun found = run_on(disk.path(), row.test, row.parameters, row.options);
    INFO(row.test << ": " << found.told);
    CHECK(found.exit_code == 3);
    CHECK(found.findings().empty());
    CHECK(found.trial()["end"]["status"] == "error");
    CHECK_THAT(found.trial()["end"]["reason"].get<std::string>(), Catch::Contains("held 64 MiB, now 24 MiB"));
  }
}

TEST_CASE("a device that became smaller before a trial, though since the run's start, is trouble in that trial, too") {
  const FuseDisk whole(FuseDisk::faulty({"size=67108864"}));
  const LoopDisk disk(whole.path());
  disk.limit(64 * mib);
  // While the first trial reads: the second one has never seen what it held.
  const Scratch scratch;
  write_file(scratch / "plan.toml",
             "[plan]\nid = \"two\"\ntitle.en = \"Two\"\nprove = \"none\"\nconfirm = 0\n[[stage]]\nid = \"a\"\n"
             "[[stage.test]]\nuse = \"storage.latency\"\nparameters = { duration = \"2s\" }\n"
             "[[stage]]\nid = \"b\"\n[[stage.test]]\nuse = \"storage.surface\"\nrequired = true\n");
  const uint64_t before = disk.reads();
  const Meanwhile shrink([&] { return disk.reads() >= before + 100; }, [&] { disk.limit(24 * mib); });
  const Outcome outcome =
      run({program(), "run", scratch / "plan.toml", "--target", disk.path(), "--out", scratch / "run"});
  INFO(outcome.output << outcome.errors);
  CHECK(outcome.exit_code == 3);
  const auto record = nlohmann::json::parse(read_file(scratch / "run/record.json"));
  REQUIRE(record["trials"].size() == 2);
  for (const auto& trial : record["trials"]) {
    CHECK(trial["end"]["status"] == "error");
    CHECK_THAT(trial["end"]["reason"].get<std::string>(), Catch::Contains("held 64 MiB, now 24 MiB"));
  }
}

TEST_CASE("a device that becomes larger in mid-test is tested as far as it went") {
  const FuseDisk slow(FuseDisk::faulty({"size=67108864", "slow=0:67108864:30"}));
  const LoopDisk disk(slow.path());
  disk.limit(32 * mib);
  const uint64_t before = disk.reads();
  const Meanwhile grow([&] { return disk.reads() >= before + 10; }, [&] { disk.limit(0); });
  const RigRun found = run_on(disk.path(), "storage.surface", "duration = \"120s\"");
  INFO(found.told);
  CHECK(found.trial()["end"]["result"] == "pass");
  CHECK(found.notes("grew"));
  CHECK(found.measured("covered") == 50);
}

TEST_CASE("a file that is cut off in mid-test is trouble, and its end no bad block") {
  for (const uint64_t left : {mib, uint64_t{0}}) {
    const Scratch scratch;
    const std::string path = scratch / "disk.img";
    write_file(path, std::string(64 * mib, 'x'));
    const Meanwhile cut([&] { return is_open_in_runner(path); }, [&] { std::filesystem::resize_file(path, left); });
    const RigRun found = run_on(path, "storage.latency", "duration = \"60s\"");
    INFO(found.told);
    CHECK(found.exit_code == 3);
    CHECK(found.findings().empty());
    CHECK_THAT(found.trial()["end"]["reason"].get<std::string>(),
               Catch::Contains("held 64 MiB, now " + std::string(left == 0 ? "nothing" : "1 MiB")));
  }
}

TEST_CASE("every bad sector of a map is found: on a mapped rescue, too") {
  const Scratch scratch;
  write_file(scratch / "base.img", std::string(8 * mib, 'x'));
  write_file(scratch / "bad.map", "0x0 +\n0x0 0x200000 +\n0x200000 0x2000 -\n0x202000 0x5fe000 +\n");
  const FuseDisk disk({"--filter=ddrescue", "file", scratch / "base.img", "ddrescue-mapfile=" + scratch / "bad.map"});
  const RigRun found = run_on(disk.path(), "storage.surface", "duration = \"60s\"");
  INFO(found.told);
  CHECK(found.findings() == std::vector<std::string>{at_block("read-error", disk.path(), 2 * mib),
                                                     at_block("read-error", disk.path(), 2 * mib + 4096)});
}

TEST_CASE("a planted delay is measured within 5 %") {
  const FuseDisk disk({"--filter=delay", "memory", "16M", "delay-read=25ms"});
  // Others on the machine can only make it longer: the least of some runs is the disk's own.
  double median = 1e9;
  for (int i = 0; i < 4 && median > 25 * 1.05; ++i)
    median = std::min(median, run_on(disk.path(), "storage.latency", "duration = \"2s\"").measured("median"));
  CHECK(median == Approx(25).epsilon(0.05));
}

TEST_CASE("a slow region is found where it is, and is slow again") {
  const FuseDisk disk(FuseDisk::faulty({"size=67108864", "slow=8388608:2097152:600"}));
  const RigRun slow = run_on(disk.path(), "storage.surface", "duration = \"60s\"");
  INFO(slow.told);
  CHECK(slow.exit_code == 4);
  CHECK(slow.findings() == std::vector<std::string>{"slow-region at blocks 16384 to 20479 of " + disk.path()});
  CHECK(slow.measured("slow") == 2);
}

TEST_CASE("a disk that stops answering ends the trial in time, with the place where it went silent") {
  const FuseDisk disk(FuseDisk::faulty({"size=67108864", "hang=33554432:4096"}));
  const RigRun silent = run_on(disk.path(), "storage.surface", "duration = \"60s\", read-limit = 1.0");
  INFO(silent.told);
  CHECK(silent.exit_code == 1);
  CHECK(silent.trial()["end"]["status"] == "complete");
  REQUIRE(silent.findings().size() == 1);
  // nbdfuse answers nobody while one read hangs: of the four that were out, the first is named. Reads overtake one
  // another, on a busy machine by several: it lies before the silent place, not always right before it.
  unsigned long long block = 0;
  REQUIRE(std::sscanf(silent.findings()[0].c_str(), "no-answer at block %llu ", &block) == 1);
  CHECK(block >= 16 * mib / 512);
  CHECK(block <= 33 * mib / 512);
  CHECK(silent.measured("unreadable") == 1);
}

TEST_CASE("a disk that never answers fails the test of reading times") {
  const FuseDisk disk(FuseDisk::faulty({"size=67108864", "hang=0:67108864"}));
  const RigRun silent = run_on(disk.path(), "storage.latency", "duration = \"1s\"");
  INFO(silent.told);
  CHECK(silent.exit_code == 1);
  REQUIRE(silent.findings().size() == 1);
  CHECK(silent.findings()[0].find("no-answer at block ") == 0);
}

TEST_CASE("a disk that is silent from the first read on fails the surface, too") {
  const FuseDisk disk(FuseDisk::faulty({"size=67108864", "hang=0:67108864"}));
  const RigRun silent = run_on(disk.path(), "storage.surface", "duration = \"60s\", read-limit = 1.0");
  INFO(silent.told);
  CHECK(silent.exit_code == 1);
  CHECK(silent.findings() == std::vector<std::string>{at_block("no-answer", disk.path(), 0)});
  CHECK(silent.measured("covered") == 0);
}

TEST_CASE("what is too small to be tested is not tested, and that is no fault") {
  const struct {
    const char* test;
    size_t bytes;
    const char* reason;
  } table[] = {{"storage.latency", 1024, "is smaller than a read of 4 KiB"},
               {"storage.latency", 0, "less than one block"},
               {"storage.surface", 0, "less than one block"},
               {"storage.capacity", 0, "holds less than 4 KiB"},
               {"storage.capacity", 1000001, "holds less than 4 MiB"}};
  for (const auto& row : table) {
    const Scratch scratch;
    write_file(scratch / "small", std::string(row.bytes, '\0'));
    const Outcome outcome = run({program(), "run", "--only", row.test, "--target", scratch / "small", "--allow",
                                 "destructive", "--backup", "not-needed", "--out", scratch / "run"});
    INFO(row.test << " " << row.bytes << ": " << outcome.output);
    CHECK(outcome.exit_code == 3);
    CHECK(outcome.output.find(row.reason) != std::string::npos);
  }
}

TEST_CASE("a file that ends in the middle of a block is read to its last whole block") {
  const Scratch scratch;
  write_file(scratch / "odd", std::string(1000001, 'x'));
  const RigRun found = run_on(scratch / "odd", "storage.surface", "duration = \"60s\"");
  INFO(found.told);
  CHECK(found.exit_code == 0);
  CHECK(found.measured("covered") == Approx(100.0 * (1000001 / 512 * 512) / 1000001));
}

TEST_CASE("reads that fail now and then are found") {
  const FuseDisk disk({"--filter=error", "memory", "256M", "error-pread-rate=20%"});
  const RigRun found = run_on(disk.path(), "storage.surface", "duration = \"60s\"");
  INFO(found.told);
  CHECK((found.exit_code == 1 || found.exit_code == 4));
  CHECK(!found.findings().empty());
}

TEST_CASE("a disk beyond hope is given up by the stated rule") {
  const FuseDisk disk(FuseDisk::faulty({"size=268435456", "eio=0:268435456"}));
  const RigRun hopeless = run_on(disk.path(), "storage.surface", "duration = \"60s\", give-up = 8");
  INFO(hopeless.told);
  CHECK(hopeless.exit_code == 1);
  CHECK(hopeless.notes("gave-up"));
  CHECK(hopeless.measured("covered") < 50);
}
