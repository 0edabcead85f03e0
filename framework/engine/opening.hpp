// How each kind of test gets at its target. All of it can hang on a dying disk: done in a process apart.
#pragma once

#include <sys/types.h>

#include <string>

#include "target_device.hpp"

namespace assay::engine {

TargetDevice refused(const std::string& category, const std::string& reason);
/// From errno.
TargetDevice not_opened(const std::string& what);
/// Past the page cache; some file systems cannot do that.
core::UniqueFd open_direct(const std::string& path, int flags);

/// For reading only. Where this system lets the host do it (root), the descriptor stands in a mount of its own that is
/// read-only and without devices: whoever has it can neither open it again for writing, through /proc/self/fd, nor
/// change its mode, owner, times or attributes.
TargetDevice open_for_reading(const std::string& path);

/// A new file without a name, that can be given none, in a folder or a file system on a disk.
TargetDevice open_scratch(const inventory::SystemRoot& root, const core::Target& target);

/// The device alone, for reading and writing, if it is the thing that was consented to and nothing speaks against it.
/// `known`: nullptr when nobody looked at it. What it is now goes to `now`.
TargetDevice open_alone(const inventory::SystemRoot& root, const core::Target& target, const ConsentedThing* known,
                        Thing& now);

}  // namespace assay::engine
