#include "catalog/catalog.hpp"

#include <assay/plugin.h>

#include <algorithm>
#include <filesystem>

#include "catalog/elf_note.hpp"
#include "catalog/trust.hpp"
#include "core/errors.hpp"
#include "core/text.hpp"

namespace assay::catalog {

namespace fs = std::filesystem;

Plugin Catalog::read(const std::string& path) {
  const std::string text = read_manifest_note(path);
  if (const std::string reason = why_not_trusted(path); !reason.empty()) throw core::BadInput(reason);
  Plugin plugin{fs::absolute(path).lexically_normal().string(), parse_manifest(text)};
  const Manifest& manifest = plugin.manifest;
  const std::string made_for = std::to_string(manifest.abi_major) + "." + std::to_string(manifest.abi_minor);
  if (manifest.abi_major != ASSAY_ABI_MAJOR)
    throw core::BadInput("is made for plugin ABI " + made_for + "; this Assay has " + std::to_string(ASSAY_ABI_MAJOR));
  if (manifest.abi_minor > ASSAY_ABI_MINOR)
    throw core::BadInput("is made for plugin ABI " + made_for + ", which is newer than this Assay; update Assay");
  return plugin;
}

Catalog Catalog::load(const std::vector<std::string>& folders) {
  Catalog catalog;
  for (const std::string& folder : folders) {
    std::error_code error;
    std::vector<std::string> files;
    for (const auto& entry : fs::directory_iterator(folder, error))
      if (entry.path().extension() == ".so") files.push_back(entry.path().string());
    if (error) throw core::BadInput("plugin folder " + folder + ": " + error.message());
    std::sort(files.begin(), files.end());
    for (const std::string& file : files) {
      try {
        Plugin plugin = read(file);
        for (const Plugin& other : catalog.plugins_)
          if (other.manifest.id == plugin.manifest.id)
            throw core::BadInput("has the id " + plugin.manifest.id + ", which " + other.path + " has already");
        catalog.plugins_.push_back(std::move(plugin));
      } catch (const std::exception& reason) {  // whatever one file does to its reader, the others are used
        catalog.refusals_.push_back({file, core::safe_text(reason.what())});
      }
    }
  }
  return catalog;
}

Catalog::Found Catalog::find(const std::string& test_id) const {
  for (const Plugin& plugin : plugins_)
    for (const Test& test : plugin.manifest.tests)
      if (test.id == test_id) return {&plugin, &test};
  return {};
}

}  // namespace assay::catalog
