// From the kinds of devices that a manifest names to the nodes that are there.
#pragma once

#include <string>
#include <vector>

#include "core/target.hpp"
#include "inventory/system_root.hpp"

namespace assay::engine {

/// Absolute paths below /dev of all nodes of a kind (catalog::Needs::devices), in order; "target-node": of the target
/// alone. sysfs says which nodes there are; each is looked at, no link is followed, and one that is not the character
/// or block device of the numbers that sysfs gives is left out. An unknown kind has none.
std::vector<std::string> device_nodes(const std::string& kind, const core::Target& target,
                                      const inventory::SystemRoot& root);

/// The kinds that there is a way to find: those of the manifest's schema.
std::vector<std::string> device_kinds();

}  // namespace assay::engine
