// The one place where a target's device is opened, and where writing to it is refused.
#pragma once

#include <cstdint>
#include <string>

#include "catalog/manifest.hpp"
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
/// again each time, with the device open, so that what was unplugged, mounted or exchanged since the plan was made is
/// seen.
class TargetDoor {
 public:
  /// `remembered`: a file of the run in which it notes the devices that it has opened for overwriting, so that what is
  /// on them afterwards is known to be Assay's own, when the run goes on after an interruption, too.
  TargetDoor(const inventory::SystemRoot& root, core::Consent consent, std::string remembered);

  /// observe, load: the device or file, for reading only. scratch: a new file without a name in a file system on it.
  /// destructive: the device alone (O_EXCL), for reading and writing. Past the page cache where that is possible.
  /// Takes a minute at most when a device does not answer, less when `wake` can be read.
  TargetDevice open(const core::Target& target, catalog::Effect effect, int wake = -1);

 private:
  TargetDevice open_here(const core::Target& target, catalog::Effect effect) const;
  TargetDevice open_for_reading(const std::string& path) const;
  TargetDevice open_scratch(const core::Target& target) const;
  TargetDevice open_for_overwriting(const core::Target& target) const;
  std::string why_not_consented() const;
  std::string why_not_this(const core::Target& target, int fd) const;

  bool was_overwritten(const std::string& identity) const;
  bool remember(const std::string& identity) const;

  const inventory::SystemRoot& root_;
  core::Consent consent_;
  std::string remembered_;
};

}  // namespace assay::engine
