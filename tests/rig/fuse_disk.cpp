#include "fuse_disk.hpp"

#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <thread>

namespace assay::test {

std::string why_no_rig() {
  if (geteuid() != 0) return "it needs root";
  if (access("/dev/fuse", R_OK | W_OK) != 0) return "this system has no /dev/fuse";
  for (const char* tool : {"/usr/bin/nbdkit", "/usr/bin/nbdfuse"})
    if (access(tool, X_OK) != 0) return std::string(tool) + " is not installed";
  return {};
}

FuseDisk::FuseDisk(const std::vector<std::string>& arguments) {
  std::vector<std::string> command{"/usr/bin/nbdfuse", path(), "--command",
                                   "/usr/bin/nbdkit",  "-s",   "--exit-with-parent"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  pid_ = start(command);
  // It says nowhere that it is ready; the file is there when it is.
  struct stat status {};
  for (int i = 0; i < 1000 && stat(path().c_str(), &status) != 0; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  REQUIRE(stat(path().c_str(), &status) == 0);
}

FuseDisk::~FuseDisk() {
  umount2(folder_.path().c_str(), MNT_DETACH);
  kill(pid_, SIGKILL);
  wait_for(pid_);
}

std::vector<std::string> FuseDisk::faulty(std::vector<std::string> parameters) {
  parameters.insert(parameters.begin(), build_folder() + "/tests/rig/faulty_disk.so");
  return parameters;
}

}  // namespace assay::test
