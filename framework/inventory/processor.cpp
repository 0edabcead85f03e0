// Topology, caches and PCI devices through hwloc. HWLOC_XMLFILE and HWLOC_SYNTHETIC work as hwloc documents them.
#include <hwloc.h>
#include <sched.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <set>
#include <tuple>

#include "core/text.hpp"
#include "readers.hpp"

namespace assay::inventory {
namespace {

struct Destroy {
  void operator()(hwloc_topology* topology) const { hwloc_topology_destroy(topology); }
};
using Topology = std::unique_ptr<hwloc_topology, Destroy>;

/// hwloc would take this machine for the file.
bool names_no_file() {
  const char* file = getenv("HWLOC_XMLFILE");
  return file != nullptr && *file != '\0' && access(file, R_OK) != 0;
}

Topology load(const SystemRoot& root) {
  if (root.is_machine() && names_no_file()) return nullptr;
  setenv("HWLOC_HIDE_ERRORS", "2", 0);  // what it cannot read is named among our own problems
  // hwloc takes a captured tree from its environment only.
  if (!root.is_machine()) setenv("HWLOC_FSROOT", root.path("").c_str(), 1);
  hwloc_topology_t raw = nullptr;
  if (hwloc_topology_init(&raw) != 0) return nullptr;
  Topology topology(raw);
  hwloc_topology_set_io_types_filter(raw, HWLOC_TYPE_FILTER_KEEP_IMPORTANT);
  hwloc_topology_set_icache_types_filter(raw, HWLOC_TYPE_FILTER_KEEP_ALL);
  // The machine's cores, also those that a cpuset keeps from this process.
  hwloc_topology_set_flags(raw, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED);
  // They ask the processor and the buses themselves, which are the bench's and not the tree's.
  for (const char* component : {"x86", "pci"})
    if (!root.is_machine()) hwloc_topology_set_components(raw, HWLOC_TOPOLOGY_COMPONENTS_FLAG_BLACKLIST, component);
  const bool loaded = hwloc_topology_load(raw) == 0;
  if (!root.is_machine()) unsetenv("HWLOC_FSROOT");
  return loaded ? std::move(topology) : nullptr;
}

std::string info(hwloc_obj_t object, const char* key) {
  const char* value = hwloc_obj_get_info_by_name(object, key);
  return value == nullptr ? std::string() : core::safe_text(value, 200);
}

/// Two kinds of cores have two sizes of one kind of cache: each size has its count.
void read_caches(hwloc_topology_t topology, Processor& processor) {
  std::map<std::tuple<int, std::string, uint64_t>, int> caches;
  for (int type = HWLOC_OBJ_L1CACHE; type <= HWLOC_OBJ_L3ICACHE; ++type) {
    hwloc_obj_t object = nullptr;
    while ((object = hwloc_get_next_obj_by_type(topology, static_cast<hwloc_obj_type_t>(type), object)) != nullptr) {
      const auto& attributes = object->attr->cache;
      const char* kind = attributes.type == HWLOC_OBJ_CACHE_DATA          ? "data"
                         : attributes.type == HWLOC_OBJ_CACHE_INSTRUCTION ? "instruction"
                                                                          : "unified";
      ++caches[{static_cast<int>(attributes.depth), kind, attributes.size}];
    }
  }
  for (const auto& [key, count] : caches) {
    const auto& [level, kind, bytes] = key;
    processor.caches.push_back({level, kind, bytes, count});
  }
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

/// "0-3,8" as Linux lists processors; what is more than any machine has is left out.
std::set<int> numbers_in(const std::string& ranges) {
  constexpr int most = 8192;
  std::set<int> numbers;
  for (const std::string& part : core::split(ranges, ',')) {
    int first = 0, last = 0;
    const int fields = std::sscanf(part.c_str(), "%d-%d", &first, &last);
    if (fields == 1) last = first;
    for (int number = first; fields >= 1 && first >= 0 && number <= std::min(last, most); ++number)
      numbers.insert(number);
  }
  return numbers;
}

std::set<int> processors_in(const SystemRoot& root, const char* file) {
  return numbers_in(root.text(std::string("/sys/devices/system/cpu/") + file).value_or(""));
}

struct FreeBitmap {
  void operator()(hwloc_bitmap_s* bitmap) const { hwloc_bitmap_free(bitmap); }
};
using Bitmap = std::unique_ptr<hwloc_bitmap_s, FreeBitmap>;

/// Which logical processors this process may run on, for a topology that is this machine's.
Bitmap allowed_here(hwloc_topology_t topology) {
  Bitmap allowed(hwloc_bitmap_alloc());
  if (allowed == nullptr || hwloc_get_cpubind(topology, allowed.get(), HWLOC_CPUBIND_THREAD) != 0) return nullptr;
  return allowed;
}

bool has(hwloc_const_bitmap_t set, int number) {
  return set == nullptr || hwloc_bitmap_isset(set, static_cast<unsigned>(number)) != 0;
}

void read_units(hwloc_topology_t topology, hwloc_const_bitmap_t allowed, Processor& processor) {
  hwloc_obj_t unit = nullptr;
  while ((unit = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_PU, unit)) != nullptr) {
    if (!has(allowed, static_cast<int>(unit->os_index))) continue;
    const hwloc_obj_t node =
        hwloc_get_next_obj_covering_cpuset_by_type(topology, unit->cpuset, HWLOC_OBJ_NUMANODE, nullptr);
    processor.usable.push_back({static_cast<int>(unit->os_index), ancestor_index(topology, unit, HWLOC_OBJ_CORE),
                                ancestor_index(topology, unit, HWLOC_OBJ_PACKAGE),
                                node == nullptr ? 0 : static_cast<int>(node->logical_index)});
  }
}

/// Why a logical processor cannot be used: what has hidden it, as far as Linux tells.
class Hiding {
 public:
  /// `topology`: null where it is not known.
  Hiding(const SystemRoot& root, hwloc_topology_t topology)
      : online_(processors_in(root, "online")), isolated_(processors_in(root, "isolated")), topology_(topology) {
    const std::string threads = root.text("/sys/devices/system/cpu/smt/control").value_or("");
    threads_off_ = threads == "off" || threads == "forceoff";
  }

  std::string why(int number) const {
    if (online_.count(number) == 0)
      return threads_off_ ? "it is offline: this system has switched off simultaneous multithreading"
                          : "it is offline in Linux";
    if (isolated_.count(number) > 0) return "it is isolated: Linux keeps it from ordinary programs (isolcpus)";
    if (topology_ != nullptr && !has(hwloc_topology_get_allowed_cpuset(topology_), number))
      return "a cpuset keeps this program from it";
    return "this program may not run on it (taskset, cpuset)";
  }

 private:
  std::set<int> online_, isolated_;
  hwloc_topology_t topology_;
  bool threads_off_ = false;
};

/// Every processor that Linux knows of and this process cannot use is named, with its reason.
void read_hidden(const SystemRoot& root, hwloc_topology_t topology, Machine& machine) {
  Processor& processor = machine.processor;
  std::set<int> hidden = processors_in(root, "present");
  for (const Core& core : processor.usable) hidden.erase(core.os_index);
  if (!root.is_machine())
    for (const int number : processors_in(root, "online")) hidden.erase(number);
  const Hiding hiding(root, topology);
  std::map<std::string, std::string> names;
  for (const int number : hidden) {
    processor.hidden.push_back({number, hiding.why(number)});
    std::string& list = names[processor.hidden.back().why];
    list += (list.empty() ? "" : ", ") + std::to_string(number);
  }
  for (const auto& [why, list] : names) machine.notes.push_back("Core " + list + " cannot be tested: " + why + ".");
}

bool has_topology(const SystemRoot& root) {
  const std::string folder = "/sys/devices/system/cpu";
  for (const std::string& name : root.list(folder))
    if (root.exists(folder + "/" + name + "/topology")) return true;
  return false;
}

/// Where the topology cannot be read, what Linux lists is still there; how it hangs together is not known.
void read_plain_list(const SystemRoot& root, Processor& processor) {
  cpu_set_t* allowed = CPU_ALLOC(8193);
  const size_t size = CPU_ALLOC_SIZE(8193);
  const bool bound = allowed != nullptr && root.is_machine() && sched_getaffinity(0, size, allowed) == 0;
  for (const int number : processors_in(root, "online"))
    if (!bound || CPU_ISSET_S(static_cast<unsigned>(number), size, allowed))
      processor.usable.push_back({number, number, 0, 0});
  CPU_FREE(allowed);
}

void read_names(const SystemRoot& root, Processor& processor) {
  std::string implementer, part;
  for (const std::string& line : core::split(root.bytes("/proc/cpuinfo").value_or(""), '\n')) {
    const auto colon = line.find(':');
    if (colon == std::string::npos) continue;
    const std::string key = core::trimmed(line.substr(0, colon)),
                      value = core::safe_text(core::trimmed(line.substr(colon + 1)), 200);
    if (key == "model name" && processor.model.empty()) processor.model = value;
    if (key == "microcode" && processor.microcode.empty()) processor.microcode = value;
    if (key == "CPU implementer" && implementer.empty()) implementer = value;
    if (key == "CPU part" && part.empty()) part = value;
  }
  // ARM gives numbers where others give a name.
  if (processor.model.empty() && !part.empty()) processor.model = "implementer " + implementer + " part " + part;
}

}  // namespace

void read_processor(const SystemRoot& root, Machine& machine) {
  Processor& processor = machine.processor;
  read_names(root, processor);
  processor.online = static_cast<int>(processors_in(root, "online").size());
  processor.present = static_cast<int>(processors_in(root, "present").size());

  // Of a tree without processors hwloc would make one up.
  const bool listed = root.is_machine() || has_topology(root);
  const Topology owner = listed ? load(root) : nullptr;
  hwloc_topology_t topology = owner.get();
  if (topology == nullptr || hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_PU) <= 0) {
    root.note_problem("topology", listed ? "hwloc could not read it" : "it is not in this tree");
    read_plain_list(root, processor);
    return read_hidden(root, nullptr, machine);
  }
  const auto count = [&](hwloc_obj_type_t type) { return std::max(0, hwloc_get_nbobjs_by_type(topology, type)); };
  processor.packages = count(HWLOC_OBJ_PACKAGE);
  processor.physical_cores = count(HWLOC_OBJ_CORE);
  processor.numa_nodes = count(HWLOC_OBJ_NUMANODE);
  read_caches(topology, processor);
  const bool this_system = root.is_machine() && hwloc_topology_is_thissystem(topology) != 0;
  const Bitmap allowed = this_system ? allowed_here(topology) : nullptr;
  read_units(topology, allowed.get(), processor);
  if (this_system || !root.is_machine())
    read_hidden(root, this_system ? topology : nullptr, machine);
  else
    machine.notes.push_back("The topology comes from HWLOC_XMLFILE or HWLOC_SYNTHETIC, not from this machine.");
  read_pci(topology, machine);
}

}  // namespace assay::inventory
