#include <cstdio>

#include "core/text.hpp"
#include "readers.hpp"

namespace assay::inventory {

void read_memory(const SystemRoot& root, Machine& machine) {
  Memory& memory = machine.memory;
  for (const std::string& line : core::split(root.bytes("/proc/meminfo").value_or(""), '\n')) {
    char key[64];
    unsigned long long kib = 0;
    if (std::sscanf(line.c_str(), "%63[^:]: %llu", key, &kib) != 2) continue;
    if (std::string(key) == "MemTotal") memory.visible = kib << 10;
    if (std::string(key) == "MemAvailable") memory.available = kib << 10;
  }
  // The firmware and the kernel keep some for themselves; an integrated display may keep gigabytes. A module that has
  // dropped out is more than an eighth of what is installed, or all of a module.
  if (memory.installed > memory.visible && memory.installed - memory.visible > memory.installed / 8)
    machine.notes.push_back("Memory is missing: " + core::format_bytes(memory.installed) +
                            " installed, but Linux sees " + core::format_bytes(memory.visible) + ".");
}

}  // namespace assay::inventory
