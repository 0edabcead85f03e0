// The plugins that were built with this Assay, known by their hash. The build writes the table
// (plugins/CMakeLists.txt).
#pragma once

#include <string>

namespace assay::catalog {

struct OwnPlugin {
  const char* id;
  const char* sha256;
};
/// Ends with an entry whose id is null.
extern const OwnPlugin own_plugins[];

/// This very file is ours.
bool is_own(const std::string& id, const std::string& sha256);

/// The id of ours that a plugin with this id would pass for ("cpu" for "cpu" and for "cpu.fast"), or empty.
std::string reserved_by(const std::string& id);

}  // namespace assay::catalog
