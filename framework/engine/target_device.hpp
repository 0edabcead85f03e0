// The one place where a target's device is opened, and where writing to it is refused.
#pragma once

#include <cstdint>
#include <string>

#include "catalog/manifest.hpp"
#include "consented.hpp"
#include "core/consent.hpp"
#include "core/target.hpp"
#include "core/unique_fd.hpp"
#include "inventory/system_root.hpp"

namespace assay::engine {

struct TargetDevice {
  core::UniqueFd fd;             // none where the target has no path, or it was not opened
  std::string category, reason;  // of a skip; empty: nothing stands in the way
  uint64_t most_bytes = 0;       // of a scratch test: what its file may take up
};

/// Opens devices as far as a test's effect and the consent go. Everything that speaks against writing is looked at
/// again each time, with the device open, so that what was unplugged, mounted, used or exchanged since the consent was
/// kept is seen.
class TargetDoor {
 public:
  /// `consented`: the run's consent.json. Without it nothing is overwritten.
  TargetDoor(const inventory::SystemRoot& root, core::Consent consent, std::string consented, core::RunSeal seal = {});

  /// observe, load: the device or file, for reading only. scratch: a new file without a name in a file system on it.
  /// destructive: the device alone (O_EXCL), for reading and writing. Past the page cache where that is possible.
  /// Takes a minute at most when a device does not answer, less when `wake` can be read.
  TargetDevice open(const core::Target& target, catalog::Effect effect, int wake = -1);

  /// A destructive trial has ended, and its process with it: notes what it left, so that the next one can tell it from
  /// what somebody else wrote. Takes ten seconds at most, less when `wake` can be read.
  void closed(const core::Target& target, int wake = -1);

 private:
  TargetDevice open_for_overwriting(const core::Target& target, int wake);

  const inventory::SystemRoot& root_;
  core::Consent consent_;
  Consented consented_;
};

}  // namespace assay::engine
