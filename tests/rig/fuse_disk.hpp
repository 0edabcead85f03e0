// A disk with planted faults, as a file: nbdkit makes it, nbdfuse shows it. Needs root and FUSE.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "../support/command.hpp"

namespace assay::test {

/// Why no rig can be built here; empty: it can.
std::string why_no_rig();

class FuseDisk {
 public:
  /// `arguments` are nbdkit's: a plugin, its parameters, filters. Fails the test when the disk does not come up.
  explicit FuseDisk(const std::vector<std::string>& arguments);
  ~FuseDisk();
  FuseDisk(const FuseDisk&) = delete;
  FuseDisk& operator=(const FuseDisk&) = delete;
  std::string path() const { return folder_ / "disk"; }

  /// The plugin of this folder, with its parameters.
  static std::vector<std::string> faulty(std::vector<std::string> parameters);

 private:
  Scratch folder_;
  pid_t pid_ = -1;
};

}  // namespace assay::test
