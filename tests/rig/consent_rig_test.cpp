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

TEST_CASE("a file that another program has open, or that has another name behind a loop device, is refused") {
  const Disk disk(8 * mib);
  const std::string other = disk.scratch / "other-name", held = disk.scratch / "held";
  REQUIRE(link((disk.scratch / "image").c_str(), other.c_str()) == 0);
  check_refused(overwrite(other), "refused", "the loop device");
  write_file(held, std::string(8 * mib, '\0'));
  const int holder = open(held.c_str(), O_RDWR | O_CLOEXEC);
  check_refused(overwrite(held), "refused", "another process has it open");
  close(holder);
  CHECK(overwrite(held).exit_code == 0);
}

TEST_CASE("a loop device over the device is a use of it") {
  const Disk disk;
  const LoopDisk upper(disk.loop.path());
  check_refused(overwrite(disk.loop.path()), "refused", "is made of " + disk.loop.path().substr(5));
}

TEST_CASE("a file whose disk is full is no counterfeit") {
  const Scratch scratch;
  REQUIRE(run({"/usr/bin/mount", "-t", "tmpfs", "-o", "size=10M", "none", scratch.path()}).exit_code == 0);
  write_file(scratch / "sparse", "");
  REQUIRE(truncate((scratch / "sparse").c_str(), 100 * mib) == 0);
  const RigRun skipped = overwrite(scratch / "sparse");
  run({"/usr/bin/umount", scratch.path()});
  check_refused(skipped, "no-space", "is full");
}

TEST_CASE("what lies under another mount is not written to in its place") {
  Disk lower, upper;
  lower.loop.mount();
  REQUIRE(run({"/usr/sbin/mkfs.ext4", "-q", "-F", upper.loop.path()}).exit_code == 0);
  REQUIRE(run({"/usr/bin/mount", upper.loop.path(), lower.loop.folder()}).exit_code == 0);
  const RigRun refused = run_on(lower.loop.path(), "storage.verify", "duration = \"5s\"", {"--allow", "scratch"});
  run({"/usr/bin/umount", lower.loop.folder()});
  check_refused(refused, "refused", "mounted over");
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
