// Real devices in use are refused to tests that overwrite, each with its reason; and what is not to be had for writing
// is no fault of the hardware.
#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "fuse_disk.hpp"
#include "loop_disk.hpp"
#include "rig_run.hpp"

using namespace assay::test;

namespace {

/// A loop device over a file of zeros.
struct Disk {
  Scratch scratch;
  LoopDisk loop;
  explicit Disk(uint64_t bytes = 64 * mib, int sector = 512) : loop(image(scratch, bytes), sector) {}
  static std::string image(const Scratch& scratch, uint64_t bytes) {
    write_file(scratch / "image", "");
    REQUIRE(truncate((scratch / "image").c_str(), static_cast<off_t>(bytes)) == 0);
    return scratch / "image";
  }
};

RigRun overwrite(const std::string& path, bool typed = true) {
  std::vector<std::string> options{"--allow", "destructive", "--backup", "made"};
  if (typed) options.insert(options.end(), {"--erase", path});
  return run_on(path, "storage.capacity", "cache = 8", options);
}

/// Refused: a skip with its category and reason, of a required test: 3.
void check_refused(const RigRun& refused, const std::string& category, const std::string& reason) {
  INFO(refused.told);
  CHECK(refused.exit_code == 3);
  CHECK(refused.trial()["end"]["status"] == "skipped");
  CHECK(refused.trial()["end"]["category"] == category);
  CHECK_THAT(refused.trial()["end"]["reason"].get<std::string>(), Catch::Contains(reason));
}

}  // namespace

TEST_CASE("an empty device is overwritten, with blocks of 512 and of 4096 bytes") {
  for (const int sector : {512, 4096}) {
    const Disk disk(64 * mib, sector);
    const RigRun found = overwrite(disk.loop.path(), false);
    INFO(found.told);
    CHECK(found.exit_code == 0);
    CHECK(found.record["run"]["consent"]["destructive"] == true);
    CHECK(found.record["run"]["consent"]["backup"] == "made");
  }
}

TEST_CASE("a mounted device is refused though it is named") {
  Disk disk;
  disk.loop.mount();
  check_refused(overwrite(disk.loop.path()), "refused", "is in use: " + disk.loop.path().substr(5) + " is mounted");
}

TEST_CASE("a device with a file system is refused until it is named") {
  Disk disk;
  disk.loop.mount();
  disk.loop.unmount();
  check_refused(overwrite(disk.loop.path(), false), "refused", "format ext4");
  CHECK(overwrite(disk.loop.path()).exit_code == 0);
}

TEST_CASE("a device that something else holds alone is refused") {
  const Disk disk;
  const int holder = open(disk.loop.path().c_str(), O_RDONLY | O_EXCL | O_CLOEXEC);
  REQUIRE(holder >= 0);
  check_refused(overwrite(disk.loop.path()), "refused", "busy");
  close(holder);
}

TEST_CASE("the file behind a loop device is refused") {
  const Disk disk;
  check_refused(overwrite(disk.scratch / "image"), "refused", "the loop device");
}

TEST_CASE("the disk that this system runs from is refused, whatever is typed") {
  const auto disks = nlohmann::json::parse(run({program(), "inventory", "--json"}).output)["disks"];
  for (const auto& disk : disks) {
    if (disk["in_use"] != true) continue;
    const std::string path = disk["path"], serial = disk["serial"];
    const Scratch scratch;
    const Outcome outcome =
        run({program(), "run", "--only", "storage.capacity", "--target", path, "--allow", "destructive", "--backup",
             "made", "--erase", serial.empty() ? path : serial, "--out", scratch / "run"});
    INFO(outcome.output << outcome.errors);
    CHECK(outcome.exit_code == 3);
    CHECK(outcome.output.find("Not tested: ") != std::string::npos);
  }
}

TEST_CASE("a read-only device cannot be overwritten, and that is no fault") {
  const Disk disk;
  REQUIRE(run({"/usr/sbin/blockdev", "--setro", disk.loop.path()}).exit_code == 0);
  const RigRun refused = overwrite(disk.loop.path());
  run({"/usr/sbin/blockdev", "--setrw", disk.loop.path()});  // the device keeps it for its next file
  INFO(refused.told);
  CHECK(refused.exit_code == 3);
  CHECK(refused.trial()["end"]["status"] == "skipped");
  CHECK_THAT(refused.told, Catch::Contains("is read-only"));
}

TEST_CASE("a file system without room, or mounted for reading only, is no fault") {
  Disk disk;
  disk.loop.mount();
  SECTION("without room") {
    run({"/usr/bin/fallocate", "-l", "58M", disk.loop.folder() + "/full"});
    const RigRun refused = run_on(disk.loop.path(), "storage.verify", "duration = \"5s\"", {"--allow", "scratch"});
    check_refused(refused, "no-space", "too little space");
  }
  SECTION("for reading only") {
    disk.loop.unmount();
    disk.loop.mount_again("ro");
    const RigRun by_disk = run_on(disk.loop.path(), "storage.verify", "duration = \"5s\"", {"--allow", "scratch"});
    check_refused(by_disk, "absent", "mounted for writing");
    const RigRun by_folder = run_on(disk.loop.folder(), "storage.verify", "duration = \"5s\"", {"--allow", "scratch"});
    check_refused(by_folder, "not-supported", "Read-only file system");
  }
}

TEST_CASE("a file system in memory is not taken for a disk") {
  const Scratch scratch;
  REQUIRE(run({"/usr/bin/mount", "-t", "tmpfs", "none", scratch.path()}).exit_code == 0);
  const RigRun skipped = run_on(scratch.path(), "storage.verify", "duration = \"5s\"", {"--allow", "scratch"});
  run({"/usr/bin/umount", scratch.path()});
  check_refused(skipped, "not-supported", "lies in memory");
}
