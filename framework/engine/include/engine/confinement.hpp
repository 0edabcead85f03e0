// From what a test's manifest declares, and what the station allows, to what its process may do.
#pragma once

#include <string>
#include <vector>

#include "catalog/catalog.hpp"
#include "core/target.hpp"
#include "runner/spec.hpp"

namespace assay::engine {

/// What a trial of the test on the target may do. Needs beyond an ordinary process are met where the plugin's allowance
/// covers them, and where this host has root's rights to give; the others always. Looks into sysfs for device nodes.
runner::Confinement confinement_of(const catalog::Plugin& plugin, const catalog::Test& test,
                                   const core::Target& target);

/// The plugin and the libraries of its own, with the hashes by which they were allowed.
std::vector<runner::SpecFile> files_of(const catalog::Plugin& plugin);

/// The privileged needs that were met in it, by their key (catalog::PrivilegedNeed): what the record says of a trial.
std::vector<std::string> privileges_in(const runner::Confinement& confinement, const catalog::Test& test);

}  // namespace assay::engine
