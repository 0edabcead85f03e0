// The names by which a person means one target: what --target and --erase are given.
#pragma once

#include <string>
#include <vector>

#include "core/target.hpp"

namespace assay::plan {

/// `wanted` is the target's path, or another name of it, as in /dev/disk/by-id.
bool is_path_of(const core::Target& target, const std::string& wanted);

/// Whether --erase NAME means this target: its serial number, its world-wide name, or a link to it in /dev/disk/by-id,
/// which is made of these. Any other path only where the target has no such name of its own.
bool is_given_up_as(const core::Target& target, const std::string& name);

/// Throws core::BadInput where --erase NAME means none of the targets that were chosen, or more than one of all that
/// are there: what two disks bear, as behind cheap USB bridges, names neither.
void check_given_up(const std::vector<core::Target>& chosen, const std::vector<core::Target>& all,
                    const std::string& name);

}  // namespace assay::plan
