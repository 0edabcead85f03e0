// assay plugin allow, forbid, sign, trust: what plugins may have beyond an ordinary process.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "catalog/catalog.hpp"
#include "commands.hpp"
#include "core/errors.hpp"
#include "core/text.hpp"
#include "needs_text.hpp"
#include "output.hpp"
#include "permit/permits.hpp"
#include "station/config.hpp"

namespace assay::app {
namespace {

catalog::Plugin read(const std::string& file) {
  try {
    return catalog::Catalog::read(file);
  } catch (const core::BadInput& error) {
    throw core::BadInput(file + ": " + error.what());
  }
}

permit::Permits station_permits() {
  permit::Permits permits = permit::Permits::of_station();
  for (const std::string& problem : permits.problems()) complain("assay: %s\n", problem.c_str());
  return permits;
}

}  // namespace

int allow_plugin(const Common&, const std::string& file) {
  catalog::Plugin plugin = read(file);
  permit::Permits permits = station_permits();
  say("%s %s, %s\nsha256 %s\n", plugin.manifest.id.c_str(), plugin.manifest.version.c_str(),
      plugin.manifest.vendor.c_str(), plugin.sha256.c_str());
  bool any = false;
  for (const catalog::Test& test : plugin.manifest.tests)
    for (const catalog::PrivilegedNeed& need : catalog::privileged(test.needs))
      any = true, say("  %s %s\n", test.id.c_str(), need.words.c_str());
  for (const catalog::Dependency& library : plugin.dependencies)
    say("  is made with %s, sha256 %s\n", library.path.c_str(), library.sha256.c_str());
  if (!any) return say("It asks for nothing beyond an ordinary process: there is nothing to allow.\n"), 0;
  if (!permits.allow(plugin)) return say("It is allowed already: %s.\n", catalog::words(permits.of(plugin)).c_str()), 0;
  say("Allowed, for this very file, from now on. `assay plugin forbid %s` takes it back.\n",
      plugin.manifest.id.c_str());
  return 0;
}

int forbid_plugin(const Common&, const std::string& named) {
  permit::Permits permits = station_permits();
  std::error_code ignored;
  // By the file itself where it is there: its hash says which word is meant.
  const bool is_file = std::filesystem::is_regular_file(named, ignored);
  const size_t taken = permits.forbid(is_file ? core::sha256_of_file(named) : named);
  if (taken == 0)
    throw core::BadInput("plugin forbid " + core::safe_text(named, 200) + ": nobody has allowed that here");
  say("Forbidden: %zu word(s) taken back.\n", taken);
  if (!is_file) return 0;
  if (const catalog::Allowance still = permits.of(read(named)))
    say("It is allowed still: %s.\n", catalog::words(still).c_str());
  return 0;
}

int sign_plugin(const Common&, const std::string& file, const std::string& key_file) {
  const catalog::Plugin plugin = read(file);
  const station::Key key =
      key_file.empty() ? station::Key::load_or_make(station::folder()) : station::Key::load(key_file);
  permit::sign(plugin.path, key);
  say("%s.sig is written.\n", plugin.path.c_str());
  for (const catalog::Dependency& library : plugin.dependencies) {
    permit::sign(library.path, key);
    say("%s.sig is written: the plugin is made with it.\n", library.path.c_str());
  }
  say("The key is %s.\n", key.public_key().fingerprint().c_str());
  return 0;
}

int trust_vendor(const Common&, const std::string& name, const std::string& public_key_file) {
  const std::string fingerprint = permit::trust(station::folder(), name, public_key_file);
  say("Plugins that are signed by %s (%s) may have what they ask for. To end that, remove %s/vendors/%s.pub.\n",
      name.c_str(), fingerprint.c_str(), station::folder().c_str(), name.c_str());
  return 0;
}

void ask_the_station(catalog::Catalog& catalog) {
  const permit::Permits permits = station_permits();
  catalog.allow([&](const catalog::Plugin& plugin) { return permits.of(plugin); });
}

void ask_the_station(catalog::Plugin& plugin) { plugin.allowance = station_permits().of(plugin); }

std::string needs_line(const catalog::Plugin& plugin, const catalog::Test& test) {
  std::string line;
  for (const std::string& need : catalog::words(test.needs)) line += (line.empty() ? "" : "; ") + need;
  if (catalog::privileged(test.needs).empty()) return line;
  return line + " (" + (plugin.allowance ? "allowed: " : "") + catalog::words(plugin.allowance) + ")";
}

}  // namespace assay::app
