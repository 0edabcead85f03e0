#include "engine/confinement.hpp"

#include <unistd.h>

#include "device_nodes.hpp"

namespace assay::engine {
namespace {

/// Address space of a test that does not ask for most of the memory, in bytes.
constexpr uint64_t little_memory = uint64_t{1} << 30;

runner::Network network_of(const catalog::Needs& needs, bool allowed) {
  if (needs.network == catalog::Network::link && allowed) return runner::Network::link;
  return needs.network == catalog::Network::loopback ? runner::Network::loopback : runner::Network::none;
}

}  // namespace

runner::Confinement confinement_of(const catalog::Plugin& plugin, const catalog::Test& test,
                                   const core::Target& target) {
  const catalog::Needs& needs = test.needs;
  const bool allowed = catalog::is_allowed(plugin, test), has_rights = geteuid() == 0;
  runner::Confinement held;
  held.address_space = needs.most_memory ? 0 : little_memory;
  held.locked_memory = needs.most_memory;
  held.processes = needs.processes;
  held.ring = needs.ring;
  held.network = network_of(needs, allowed);
  if (!allowed) return held;
  held.root = needs.root && has_rights;
  held.physical_addresses = needs.physical_addresses;
  if (has_rights) held.capabilities = needs.capabilities;
  const inventory::SystemRoot root;
  for (const std::string& kind : needs.devices)
    for (const std::string& node : device_nodes(kind, target, root)) held.devices.push_back(node);
  return held;
}

std::vector<runner::SpecFile> files_of(const catalog::Plugin& plugin) {
  std::vector<runner::SpecFile> files{{plugin.path, plugin.sha256}};
  for (const catalog::Dependency& library : plugin.dependencies) {
    files.push_back({library.path, library.sha256});
    // Under its links' name, too: in the trial's view there are no links to follow.
    if (!library.found.empty() && library.found != library.path) files.push_back({library.found, library.sha256});
  }
  return files;
}

std::vector<std::string> privileges_in(const runner::Confinement& held, const catalog::Test& test) {
  std::vector<std::string> met;
  for (const catalog::PrivilegedNeed& need : catalog::privileged(test.needs)) {
    const bool is_met = need.key == "root"                      ? held.root
                        : need.key == "physical-addresses"      ? held.physical_addresses && geteuid() == 0
                        : need.key == "network link"            ? held.network == runner::Network::link
                        : need.key.rfind("devices ", 0) == 0    ? !held.devices.empty()
                        : need.key.rfind("capability ", 0) == 0 ? !held.capabilities.empty()
                                                                : false;
    if (is_met) met.push_back(need.key);
  }
  return met;
}

}  // namespace assay::engine
