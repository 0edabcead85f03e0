// The one place where a target's device is opened, and where writing to it is refused.
#pragma once

#include <cstdint>
#include <set>
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
  TargetDoor(const inventory::SystemRoot& root, core::Consent consent);

  /// observe, load: the device or file, for reading only. scratch: a new file without a name in a file system on it.
  /// destructive: the device alone (O_EXCL), for reading and writing. Past the page cache where that is possible.
  TargetDevice open(const core::Target& target, catalog::Effect effect);

  /// An earlier part of the same run had it for a destructive test: what is on it now is Assay's own.
  void was_overwritten(const core::Target& target) { overwritten_.insert(target.id); }

 private:
  TargetDevice open_here(const core::Target& target, catalog::Effect effect) const;
  TargetDevice open_for_reading(const std::string& path) const;
  TargetDevice open_scratch(const core::Target& target) const;
  TargetDevice open_for_overwriting(const core::Target& target) const;
  std::string why_not_consented() const;
  std::string why_not_this(const core::Target& target, int fd) const;

  const inventory::SystemRoot& root_;
  core::Consent consent_;
  std::set<std::string> overwritten_;
};

}  // namespace assay::engine
