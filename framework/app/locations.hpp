// Where things lie, seen from the program: the same in the build tree and in an installation.
#pragma once

#include <string>
#include <vector>

namespace assay::app {

struct Locations {
  std::string runner;                       // assay-runner
  std::vector<std::string> plugin_folders;  // in order of search
  std::vector<std::string> plan_folders;
  std::string template_folder;  // of `assay plugin new`
};

/// `plugin_folders`: from --plugin-dir; none: ASSAY_PLUGIN_PATH (with ':' between), else ../lib/assay/plugins.
Locations find_locations(const std::vector<std::string>& plugin_folders);

}  // namespace assay::app
