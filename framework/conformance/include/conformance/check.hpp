// The conformance kit: what every plugin must keep to, tried on the plugin itself. `assay plugin check` prints it.
#pragma once

#include <string>
#include <vector>

namespace assay::conformance {

struct Check {
  std::string rule;  // "one exported symbol"
  std::string test;  // the test that it was tried on; empty: the plugin as a whole
  bool passed = false;
  bool skipped = false;  // could not be tried here
  std::string detail;    // what is wrong, and what to do
};

/// Tries everything on the plugin at `path`, with `runner` as assay-runner and `folder` as an empty scratch folder.
/// Throws core::BadInput if the file is no plugin at all.
std::vector<Check> check_plugin(const std::string& path, const std::string& runner, const std::string& folder);

}  // namespace assay::conformance
