#include "catalog/catalog.hpp"

#include <assay/plugin.h>

#include <algorithm>
#include <filesystem>

#include "catalog/elf_note.hpp"
#include "catalog/trust.hpp"
#include "core/errors.hpp"
#include "core/text.hpp"
#include "dependencies.hpp"
#include "own_plugins.hpp"

namespace assay::catalog {

namespace fs = std::filesystem;
namespace {

/// Each part as a number of any length, as the manifest's schema has it: 1.10.0 is newer than 1.9.0.
bool is_older(const std::string& a, const std::string& b) {
  const auto mine = core::split(a, '.'), other = core::split(b, '.');
  for (size_t i = 0; i < std::min(mine.size(), other.size()); ++i) {
    const auto digits = [](const std::string& part) {
      return part.substr(std::min(part.find_first_not_of('0'), part.size()));
    };
    const std::string x = digits(mine[i]), y = digits(other[i]);
    if (x != y) return x.size() != y.size() ? x.size() < y.size() : x < y;
  }
  return false;
}

/// Nobody else's file may pass for one of ours: what ours may do, and what reports say of it, goes by its id.
void check_reserved(const Plugin& plugin) {
  const std::string ours = reserved_by(plugin.manifest.id);
  if (ours.empty() || plugin.is_own()) return;
  throw core::BadInput("has the id " + plugin.manifest.id + ", and ids that begin with " + ours +
                       " are kept for Assay's own plugin, which this file is not (SHA-256 " +
                       plugin.sha256.substr(0, 16) + "...); choose another id, or install Assay anew if it was ours");
}

}  // namespace

bool is_allowed(const Plugin& plugin, const Test& test) { return plugin.allowance || privileged(test.needs).empty(); }

Plugin Catalog::read(const std::string& path) {
  const std::string text = read_manifest_note(path);
  if (const std::string reason = why_not_trusted(path); !reason.empty()) throw core::BadInput(reason);
  Plugin plugin{
      fs::absolute(path).lexically_normal().string(), parse_manifest(text), core::sha256_of_file(path), {}, {}};
  const Manifest& manifest = plugin.manifest;
  const std::string made_for = std::to_string(manifest.abi_major) + "." + std::to_string(manifest.abi_minor);
  if (manifest.abi_major != ASSAY_ABI_MAJOR)
    throw core::BadInput("is made for plugin ABI " + made_for + "; this Assay has " + std::to_string(ASSAY_ABI_MAJOR));
  if (manifest.abi_minor > ASSAY_ABI_MINOR)
    throw core::BadInput("is made for plugin ABI " + made_for + ", which is newer than this Assay; update Assay");
  if (catalog::is_own(manifest.id, plugin.sha256)) plugin.allowance.by = Allowance::By::own;
  check_reserved(plugin);
  for (const Library& library : dependencies_of(plugin.path))
    if (!is_systems_own(library.path))
      plugin.dependencies.push_back({library.path, core::sha256_of_file(library.path), library.found});
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
        catalog.add(read(file));
      } catch (const std::exception& reason) {  // whatever one file does to its reader, the others are used
        catalog.refusals_.push_back({file, core::safe_text(reason.what())});
      }
    }
  }
  return catalog;
}

void Catalog::add(Plugin plugin) {
  const auto other = std::find_if(plugins_.begin(), plugins_.end(),
                                  [&](const Plugin& known) { return known.manifest.id == plugin.manifest.id; });
  if (other == plugins_.end()) return plugins_.push_back(std::move(plugin));
  const std::string version = plugin.manifest.version, its = other->manifest.version;
  if (!is_older(version, its) && !is_older(its, version))
    throw core::BadInput("has the id " + plugin.manifest.id + " in version " + version + ", which " + other->path +
                         " has already");
  if (is_older(its, version)) std::swap(*other, plugin);
  refusals_.push_back({plugin.path, "is version " + plugin.manifest.version + " of " + plugin.manifest.id +
                                        "; the newer " + other->manifest.version + " is used, " + other->path});
}

void Catalog::allow(const std::function<Allowance(const Plugin&)>& by) {
  for (Plugin& plugin : plugins_)
    if (!plugin.is_own()) plugin.allowance = by(plugin);
}

Catalog::Found Catalog::find(const std::string& test_id) const {
  for (const Plugin& plugin : plugins_)
    for (const Test& test : plugin.manifest.tests)
      if (test.id == test_id) return {&plugin, &test};
  return {};
}

}  // namespace assay::catalog
