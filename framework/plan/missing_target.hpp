// Targets that the inventory does not have: what their absence is called, and files that stand for a disk.
#pragma once

#include <string>

#include "core/target.hpp"

namespace assay::plan {

/// Why a test that binds to `kind` has no target here.
const char* absence(const std::string& kind);

/// A regular file, a device, or a folder to write into, that the user named, for tests that bind to disks. Throws
/// core::BadInput.
core::Target file_target(const std::string& name);

}  // namespace assay::plan
