#include "locations.hpp"

#include <cstdlib>
#include <filesystem>

#include "core/text.hpp"

namespace assay::app {

Locations find_locations(const std::vector<std::string>& plugin_folders) {
  const auto prefix = std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path();
  Locations found;
  found.runner = (prefix / "bin" / "assay-runner").string();
  found.plugin_folders = plugin_folders;
  const char* path = std::getenv("ASSAY_PLUGIN_PATH");
  if (found.plugin_folders.empty() && path != nullptr && *path != '\0') found.plugin_folders = core::split(path, ':');
  if (found.plugin_folders.empty()) found.plugin_folders = {(prefix / "lib" / "assay" / "plugins").string()};
  found.plan_folders = {(prefix / "share" / "assay" / "plans").string()};
  found.template_folder = (prefix / "share" / "assay" / "template").string();
  return found;
}

}  // namespace assay::app
