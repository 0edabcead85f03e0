// How much memory there is, and who has what Linux does not have: the graphics part, the firmware, Linux's own
// settings.
#include <algorithm>
#include <cstdio>
#include <numeric>

#include "core/text.hpp"
#include "readers.hpp"

namespace assay::inventory {
namespace {

/// A range of physical addresses, as the firmware's map names it. `last` is in it.
struct Range {
  uint64_t first = 0, last = 0;
  std::string kind;
  uint64_t bytes() const { return last - first + 1; }
};

constexpr uint64_t mib = 1 << 20, four_gib = uint64_t{4} << 30;

/// /sys/firmware/memmap: one folder for each range, as the firmware handed it over.
std::vector<Range> firmware_map(const SystemRoot& root) {
  const std::string folder = "/sys/firmware/memmap/";
  std::vector<Range> map;
  for (const std::string& name : root.list(folder)) {
    const auto text = [&](const char* file) { return root.text(folder + name + file).value_or(""); };
    unsigned long long first = 0, last = 0;
    if (std::sscanf(text("/start").c_str(), "%llx", &first) == 1 &&
        std::sscanf(text("/end").c_str(), "%llx", &last) == 1 && last > first)
      map.push_back({first, last, text("/type")});
  }
  return map;
}

/// /proc/iomem: "  c0000000-cfffffff : Graphics Stolen Memory". All zeros where the reader is not root.
std::vector<Range> resources(const SystemRoot& root, bool top_level) {
  std::vector<Range> list;
  for (const std::string& line : core::split(root.bytes("/proc/iomem").value_or(""), '\n')) {
    unsigned long long first = 0, last = 0;
    char kind[64];
    if (std::sscanf(line.c_str(), " %llx-%llx : %63[^\n]", &first, &last, kind) != 3 || last <= first) continue;
    if (!top_level || line[0] != ' ') list.push_back({first, last, kind});
  }
  return list;
}

bool is_memory(const std::string& kind) {
  return kind == "System RAM" || kind == "ACPI Tables" || kind == "ACPI Non-volatile Storage" ||
         kind == "Soft Reserved";
}

/// How many bytes of modules the map describes: from address 0, and from 4 GiB on, as far as ranges of memory and what
/// is reserved between and behind them follow each other. What is reserved far away is no memory.
uint64_t mapped(std::vector<Range> map) {
  constexpr uint64_t widest_gap = 64 * mib;
  std::sort(map.begin(), map.end(), [](const Range& a, const Range& b) { return a.first < b.first; });
  uint64_t low_end = 0, high_end = four_gib;
  for (const Range& range : map) {
    if (!is_memory(range.kind) && range.kind != "Reserved") continue;
    uint64_t& end = range.first < four_gib ? low_end : high_end;
    if (is_memory(range.kind) || range.first <= end + widest_gap) end = std::max(end, range.last + 1);
  }
  return std::min(low_end, four_gib) + high_end - four_gib;
}

/// A map counts only where it is of one mind with what Linux has, and with what the firmware lists.
bool fits(const std::vector<Range>& map, const Memory& memory) {
  const uint64_t ram = std::accumulate(map.begin(), map.end(), uint64_t{0}, [](uint64_t sum, const Range& range) {
    return sum + (range.kind == "System RAM" ? range.bytes() : 0);
  });
  return memory.visible <= ram && ram - memory.visible <= ram / 8 && mapped(map) <= memory.installed / 8 * 9;
}

/// Memory of the processor's own graphics part. A card with memory of its own names that memory's maker.
void add_graphics(const SystemRoot& root, Memory& memory) {
  for (const std::string& card : root.list("/sys/class/drm")) {
    if (card.rfind("card", 0) != 0 || card.find('-') != std::string::npos) continue;
    const std::string folder = "/sys/class/drm/" + card + "/device/mem_info_vram_";
    const std::string maker = root.text(folder + "vendor").value_or("unknown");
    const auto bytes = root.number(folder + "total").value_or(0);
    if (maker == "unknown" && bytes > 0) memory.held.push_back({"the graphics part " + card, uint64_t(bytes)});
  }
  for (const Range& range : resources(root, false)) {
    if (range.kind == "Graphics Stolen Memory") memory.held.push_back({"the graphics part", range.bytes()});
    if (range.kind == "Crash kernel") memory.held.push_back({"the kernel for crashes", range.bytes()});
  }
}

/// "mem=4G" on the kernel's command line: somebody wanted Linux to have less.
std::string own_limit(const SystemRoot& root) {
  for (const std::string& word : core::split(root.text("/proc/cmdline").value_or(""), ' '))
    if (word.rfind("mem=", 0) == 0 || word.rfind("memmap=", 0) == 0) return core::safe_text(word, 40);
  return "";
}

/// Who holds what Linux does not have. Only what adds up counts: nobody holds more than is missing.
void account(const SystemRoot& root, Memory& memory) {
  memory.accounted = memory.visible;
  if (memory.installed <= memory.visible) return;
  const uint64_t missing = memory.installed - memory.visible;
  add_graphics(root, memory);
  memory.held.erase(std::remove_if(memory.held.begin(), memory.held.end(),
                                   [&](const HeldMemory& held) { return held.bytes > missing; }),
                    memory.held.end());
  for (const HeldMemory& held : memory.held) memory.accounted += held.bytes;
  std::vector<Range> map = firmware_map(root);
  if (map.empty()) map = resources(root, true);
  if (!map.empty() && fits(map, memory))
    if (const uint64_t there = mapped(map); there > memory.accounted) {
      memory.held.push_back({"the firmware", there - memory.accounted});
      memory.accounted = there;
    }
  memory.accounted = std::min(memory.accounted, memory.installed);
  if (const std::string limit = own_limit(root); !limit.empty() && memory.accounted < memory.installed) {
    memory.held.push_back({"nobody, since Linux was started with " + limit, memory.installed - memory.accounted});
    memory.accounted = memory.installed;
  }
}

}  // namespace

std::string unseen_memory(const Memory& memory) {
  if (memory.installed <= memory.visible) return "";
  std::string text =
      core::format_bytes(memory.installed) + " installed, of which Linux has " + core::format_bytes(memory.visible);
  for (const HeldMemory& held : memory.held) text += "; " + core::format_bytes(held.bytes) + " held by " + held.who;
  if (memory.accounted < memory.installed)
    text += "; who has the other " + core::format_bytes(memory.installed - memory.accounted) + " is not known";
  return text;
}

void read_memory(const SystemRoot& root, Machine& machine) {
  Memory& memory = machine.memory;
  for (const std::string& line : core::split(root.bytes("/proc/meminfo").value_or(""), '\n')) {
    char key[64];
    unsigned long long kib = 0;
    if (std::sscanf(line.c_str(), "%63[^:]: %llu", key, &kib) != 2) continue;
    if (std::string(key) == "MemTotal") memory.visible = kib << 10;
    if (std::string(key) == "MemAvailable") memory.available = kib << 10;
  }
  account(root, memory);
  // The firmware and the kernel always keep some for themselves: up to an eighth is worth no word.
  if (memory.installed > memory.visible && memory.installed - memory.visible > memory.installed / 8)
    machine.notes.push_back("Not all of the memory is Linux's: " + unseen_memory(memory) + ".");
}

}  // namespace assay::inventory
