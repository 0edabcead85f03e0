// Topology, caches and PCI devices through hwloc. HWLOC_XMLFILE and HWLOC_SYNTHETIC work as hwloc documents them.
#include <hwloc.h>
#include <sched.h>

#include <cstdlib>
#include <map>
#include <memory>

#include "core/text.hpp"
#include "readers.hpp"

namespace assay::inventory {
namespace {

struct Destroy {
  void operator()(hwloc_topology* topology) const { hwloc_topology_destroy(topology); }
};
using Topology = std::unique_ptr<hwloc_topology, Destroy>;

Topology load(const SystemRoot& root) {
  setenv("HWLOC_HIDE_ERRORS", "2", 0);  // what it cannot read is named among our own problems
  // hwloc takes a captured tree from its environment only.
  if (!root.is_machine()) setenv("HWLOC_FSROOT", root.path("").c_str(), 1);
  hwloc_topology_t raw = nullptr;
  if (hwloc_topology_init(&raw) != 0) return nullptr;
  Topology topology(raw);
  hwloc_topology_set_io_types_filter(raw, HWLOC_TYPE_FILTER_KEEP_IMPORTANT);
  const bool loaded = hwloc_topology_load(raw) == 0;
  if (!root.is_machine()) unsetenv("HWLOC_FSROOT");
  return loaded ? std::move(topology) : nullptr;
}

std::string info(hwloc_obj_t object, const char* key) {
  const char* value = hwloc_obj_get_info_by_name(object, key);
  return value == nullptr ? std::string() : core::safe_text(value, 200);
}

void read_caches(hwloc_topology_t topology, Processor& processor) {
  std::map<std::pair<int, std::string>, Cache> caches;
  for (int type = HWLOC_OBJ_L1CACHE; type <= HWLOC_OBJ_L3ICACHE; ++type) {
    hwloc_obj_t object = nullptr;
    while ((object = hwloc_get_next_obj_by_type(topology, static_cast<hwloc_obj_type_t>(type), object)) != nullptr) {
      const auto& attributes = object->attr->cache;
      const char* kind = attributes.type == HWLOC_OBJ_CACHE_DATA          ? "data"
                         : attributes.type == HWLOC_OBJ_CACHE_INSTRUCTION ? "instruction"
                                                                          : "unified";
      Cache& cache = caches[{static_cast<int>(attributes.depth), kind}];
      cache = {static_cast<int>(attributes.depth), kind, attributes.size, cache.count + 1};
    }
  }
  for (const auto& [key, cache] : caches) processor.caches.push_back(cache);
}

int ancestor_index(hwloc_topology_t topology, hwloc_obj_t object, hwloc_obj_type_t type) {
  const hwloc_obj_t ancestor = hwloc_get_ancestor_obj_by_type(topology, type, object);
  return ancestor == nullptr ? 0 : static_cast<int>(ancestor->logical_index);
}

void read_pci(hwloc_topology_t topology, Machine& machine) {
  hwloc_obj_t object = nullptr;
  while ((object = hwloc_get_next_pcidev(topology, object)) != nullptr) {
    const auto& pci = object->attr->pcidev;
    char name[32];
    std::snprintf(name, sizeof name, "%04x:%02x:%02x.%x", pci.domain, pci.bus, pci.dev, pci.func);
    char ids[32];
    std::snprintf(ids, sizeof ids, "%04x:%04x", pci.vendor_id, pci.device_id);
    const std::string title = info(object, "PCIVendor") + " " + info(object, "PCIDevice");
    machine.devices.push_back({"pci", name, core::trimmed(title + " [" + ids + "]")});
  }
}

int count_in_list(const std::string& ranges) {
  int count = 0;
  for (const std::string& part : core::split(ranges, ',')) {
    int first = 0, last = 0;
    const int fields = std::sscanf(part.c_str(), "%d-%d", &first, &last);
    if (fields == 1) ++count;
    if (fields == 2 && last >= first) count += last - first + 1;
  }
  return count;
}

}  // namespace

void read_processor(const SystemRoot& root, Machine& machine) {
  Processor& processor = machine.processor;
  const std::string cpuinfo = root.bytes("/proc/cpuinfo").value_or("");
  for (const std::string& line : core::split(cpuinfo, '\n')) {
    const auto colon = line.find(':');
    if (colon == std::string::npos) continue;
    const std::string key = core::trimmed(line.substr(0, colon)),
                      value = core::safe_text(core::trimmed(line.substr(colon + 1)), 200);
    if (key == "model name" && processor.model.empty()) processor.model = value;
    if (key == "microcode" && processor.microcode.empty()) processor.microcode = value;
  }
  processor.online = count_in_list(root.text("/sys/devices/system/cpu/online").value_or(""));
  processor.present = count_in_list(root.text("/sys/devices/system/cpu/present").value_or(""));

  const Topology owner = load(root);
  if (owner == nullptr) return root.note_problem("topology", "hwloc could not read it");
  hwloc_topology_t topology = owner.get();
  const auto count = [&](hwloc_obj_type_t type) { return std::max(0, hwloc_get_nbobjs_by_type(topology, type)); };
  processor.packages = count(HWLOC_OBJ_PACKAGE);
  processor.physical_cores = count(HWLOC_OBJ_CORE);
  processor.numa_nodes = count(HWLOC_OBJ_NUMANODE);
  read_caches(topology, processor);
  // What taskset or a cpuset has taken from this process is not tested, and that is said.
  cpu_set_t allowed;
  const bool bound = root.is_machine() && hwloc_topology_is_thissystem(topology) != 0 &&
                     sched_getaffinity(0, sizeof allowed, &allowed) == 0;
  int outside = 0;
  hwloc_obj_t unit = nullptr;
  while ((unit = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_PU, unit)) != nullptr) {
    if (bound && unit->os_index < CPU_SETSIZE && !CPU_ISSET(unit->os_index, &allowed)) {
      ++outside;
      continue;
    }
    const hwloc_obj_t node =
        hwloc_get_next_obj_covering_cpuset_by_type(topology, unit->cpuset, HWLOC_OBJ_NUMANODE, nullptr);
    processor.usable.push_back({static_cast<int>(unit->os_index), ancestor_index(topology, unit, HWLOC_OBJ_CORE),
                                ancestor_index(topology, unit, HWLOC_OBJ_PACKAGE),
                                node == nullptr ? 0 : static_cast<int>(node->logical_index)});
  }
  if (outside > 0)
    machine.notes.push_back(
        std::to_string(outside) +
        " logical processor(s) are outside of what this process may use (taskset, cpuset): they are "
        "not tested.");
  if (hwloc_topology_is_thissystem(topology) == 0 && root.is_machine())
    machine.notes.push_back("The topology comes from HWLOC_XMLFILE or HWLOC_SYNTHETIC, not from this machine.");
  read_pci(topology, machine);
}

}  // namespace assay::inventory
