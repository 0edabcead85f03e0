// The one place where a target's device is opened.
#pragma once

#include <string>

#include "catalog/manifest.hpp"
#include "core/target.hpp"
#include "core/unique_fd.hpp"

namespace assay::engine {

struct TargetDevice {
  core::UniqueFd fd;             // none where the target has no path, or it could not be opened
  std::string category, reason;  // of a skip; empty: nothing stands in the way
};

/// Opens the device or file of a target for a test of this effect: read-only for all but destructive ones, which get it
/// alone (O_EXCL) and must have been allowed before.
TargetDevice open_target(const core::Target& target, catalog::Effect effect);

}  // namespace assay::engine
