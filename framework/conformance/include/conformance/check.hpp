// The conformance kit: what every plugin must keep to, tried on the plugin itself. `assay plugin check` prints it.
#pragma once

#include <string>
#include <vector>

#include "catalog/catalog.hpp"

namespace assay::conformance {

struct Check {
  std::string rule;  // "one exported symbol"
  std::string test;  // the test that it was tried on; empty: the plugin as a whole
  bool passed = false;
  bool skipped = false;  // could not be tried here
  std::string detail;    // what is wrong, and what to do
};

/// Tries everything on the plugin, with `runner` as assay-runner and `folder` as an empty scratch folder. A test that
/// needs more than its plugin is allowed is skipped.
std::vector<Check> check_plugin(const catalog::Plugin& plugin, const std::string& runner, const std::string& folder);

}  // namespace assay::conformance
