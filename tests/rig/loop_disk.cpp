#include "loop_disk.hpp"

#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

namespace assay::test {
namespace {

Outcome must(const std::vector<std::string>& command) {
  Outcome outcome = run(command);
  INFO(command[0] << ": " << outcome.output << outcome.errors);
  REQUIRE(outcome.exit_code == 0);
  return outcome;
}

}  // namespace

std::string why_no_loop() {
  for (const char* tool : {"/usr/sbin/losetup", "/usr/sbin/mkfs.ext4"})
    if (access(tool, X_OK) != 0) return std::string(tool) + " is not installed";
  return run({"/usr/sbin/losetup", "--find"}).exit_code == 0 ? "" : "this system gives no loop device";
}

LoopDisk::LoopDisk(const std::string& file, int sector) {
  path_ =
      must({"/usr/sbin/losetup", "--find", "--show", "--direct-io=on", "--sector-size", std::to_string(sector), file})
          .output;
  while (!path_.empty() && path_.back() == '\n') path_.pop_back();
}

LoopDisk::~LoopDisk() {
  if (mounted_) umount2(folder_.path().c_str(), MNT_DETACH);
  run({"/usr/sbin/losetup", "--detach", path_});
}

void LoopDisk::limit(uint64_t bytes) const {
  const int device = open(path_.c_str(), O_RDWR | O_CLOEXEC);
  loop_info64 info{};
  REQUIRE(ioctl(device, LOOP_GET_STATUS64, &info) == 0);
  info.lo_sizelimit = bytes;
  REQUIRE(ioctl(device, LOOP_SET_STATUS64, &info) == 0);
  close(device);
}

/// Documentation/block/stat.rst: reads, merged, sectors, ms, writes ...
uint64_t LoopDisk::reads() const {
  uint64_t count = 0;
  std::ifstream("/sys/block/" + path_.substr(5) + "/stat") >> count;
  return count;
}

uint64_t LoopDisk::writes() const {
  uint64_t count = 0;
  std::ifstream stat("/sys/block/" + path_.substr(5) + "/stat");
  for (int field = 0; field < 5; ++field) stat >> count;
  return count;
}

void LoopDisk::mount() {
  must({"/usr/sbin/mkfs.ext4", "-q", "-F", "-O", "^has_journal", "-E", "lazy_itable_init=0,nodiscard", path_});
  mount_again("");
}

void LoopDisk::mount_again(const std::string& options) {
  std::vector<std::string> command{"/usr/bin/mount", path_, folder_.path()};
  if (!options.empty()) command.insert(command.begin() + 1, {"-o", options});
  must(command);
  mounted_ = true;
}

void LoopDisk::unmount() {
  must({"/usr/bin/umount", folder_.path()});
  mounted_ = false;
}

}  // namespace assay::test
