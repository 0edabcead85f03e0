// Which memory module a physical address lies on, where the machine's tables say so without doubt.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace memory {

/// The slots of the modules on which these physical addresses lie: "on the module in slot DIMM_A1". `modules` is the
/// attribute of the target memory: lines of "FIRST LAST SLOT", addresses in hex. Empty when one of them is on none.
std::string slots_of(const std::vector<uint64_t>& physical, const std::string& modules);

}  // namespace memory
