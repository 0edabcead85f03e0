// SMBIOS tables (DMTF DSP0134), straight from /sys/firmware/dmi/tables, with every offset checked: firmware writes
// them, and firmware is often wrong.
#include <algorithm>
#include <cstring>
#include <map>

#include "core/text.hpp"
#include "readers.hpp"

namespace assay::inventory {
namespace {

/// One structure: its formatted part, and its strings.
class Structure {
 public:
  Structure(std::string_view formatted, std::vector<std::string> strings)
      : formatted_(formatted), strings_(std::move(strings)) {}

  template <class Number>
  Number get(size_t offset) const {
    Number value{};
    if (offset + sizeof value <= formatted_.size()) std::memcpy(&value, formatted_.data() + offset, sizeof value);
    return value;
  }
  bool has(size_t offset) const { return offset < formatted_.size(); }
  /// The string whose number stands at `offset`; numbers start at 1, 0 means none.
  std::string string(size_t offset) const {
    const auto number = get<uint8_t>(offset);
    return number == 0 || number > strings_.size() ? std::string() : strings_[number - 1u];
  }

 private:
  std::string_view formatted_;
  std::vector<std::string> strings_;
};

const char* memory_kind(uint8_t type) {
  switch (type) {
    case 0x12:
      return "DDR";
    case 0x13:
      return "DDR2";
    case 0x18:
      return "DDR3";
    case 0x1A:
      return "DDR4";
    case 0x1B:
      return "LPDDR";
    case 0x1C:
      return "LPDDR2";
    case 0x1D:
      return "LPDDR3";
    case 0x1E:
      return "LPDDR4";
    case 0x22:
      return "DDR5";
    case 0x23:
      return "LPDDR5";
    default:
      return "";
  }
}

Identity identity(const Structure& s, size_t vendor, size_t product, size_t version, size_t serial) {
  return {s.string(vendor), s.string(product), s.string(version), s.string(serial)};
}

/// Type 17, Memory Device: size in MiB at 0x0C (bit 15: KiB; 0x7FFF: see 0x1C; 0xFFFF: unknown).
uint64_t device_size(const Structure& s) {
  const auto size = s.get<uint16_t>(0x0C);
  if (size == 0x7FFF) return uint64_t{s.get<uint32_t>(0x1C) & 0x7FFFFFFFu} << 20;
  if (size == 0xFFFF) return 0;
  return (size & 0x8000u) != 0 ? uint64_t{size & 0x7FFFu} << 10 : uint64_t{size} << 20;
}

/// How much of a memory device (type 17) is volatile memory: by its type, its technology and its volatile size, where
/// the firmware gives them. 0: it keeps its content, or is a cache.
uint64_t volatile_size(const Structure& s) {
  const uint64_t size = device_size(s);
  const auto type = s.get<uint8_t>(0x12), technology = s.get<uint8_t>(0x28);
  const bool keeps = (type >= 0x08 && type <= 0x0C) || type == 0x1F;  // ROM, flash, EEPROM, logical non-volatile
  const bool video = type == 0x05, persistent = technology >= 0x04 && technology <= 0x07;
  if (keeps || video) return 0;
  const auto stated = [&](size_t offset) {
    const auto value = s.get<uint64_t>(offset);
    return value == UINT64_MAX ? 0 : std::min(value, size);
  };
  const uint64_t lasting = stated(0x34), lost = stated(0x3C), cache = stated(0x44);
  if (lost > 0) return lost;
  return persistent || lasting > 0 || (cache > 0 && cache >= size) ? 0 : size;
}

Dimm dimm(const Structure& s) {
  Dimm result;
  result.bytes = volatile_size(s);
  result.handle = s.get<uint16_t>(0x02);
  result.slot = s.string(0x10);
  result.bank = s.string(0x11);
  result.kind = memory_kind(s.get<uint8_t>(0x12));
  result.speed_mts = s.get<uint16_t>(0x15);
  result.manufacturer = s.string(0x17);
  result.serial = s.string(0x18);
  result.part = s.string(0x1A);
  result.configured_mts = s.get<uint16_t>(0x20);
  return result;
}

/// Type 4, Processor: cores enabled at 0x24, or at 0x2C when there are more than fit. 0: not known.
int enabled_cores(const Structure& s) {
  constexpr uint8_t populated = 0x40, central = 3;
  if ((s.get<uint8_t>(0x18) & populated) == 0 || s.get<uint8_t>(0x05) != central) return 0;
  const auto few = s.get<uint8_t>(0x24);
  return few == 0xFF && s.has(0x2D) ? s.get<uint16_t>(0x2C) : few;
}

/// Type 20, Memory Device Mapped Address: in KiB, or in bytes at 0x13 and 0x1B when 0x04 is all ones. An interleave
/// position of 0 says that the range is not interleaved.
ModuleRange module_range(const Structure& s) {
  ModuleRange result;
  if (const auto first = s.get<uint32_t>(0x04); first != 0xFFFFFFFF) {
    result.first = uint64_t{first} << 10;
    result.last = (uint64_t{s.get<uint32_t>(0x08)} << 10) + 1023;
  } else {
    result.first = s.get<uint64_t>(0x13);
    result.last = s.get<uint64_t>(0x1B);
  }
  result.module = s.get<uint16_t>(0x0C);
  result.interleaved = s.get<uint8_t>(0x11) != 0;
  return result;
}

/// Type 16, Physical Memory Array, at 0x05: what it is used for. 1, 2: the firmware does not say.
constexpr uint8_t use_other = 1, use_unknown = 2, use_system = 3;

/// The tables of a machine, as far as they concern us.
struct Tables {
  std::map<uint16_t, uint8_t> uses;  // of memory arrays, by handle
  std::vector<Structure> memory;     // type 17
};

void take(uint8_t type, Structure s, Machine& machine, Tables& tables) {
  if (type == 0) machine.bios = {s.string(0x04), s.string(0x05), s.string(0x08), ""};
  if (type == 1) machine.system = identity(s, 0x04, 0x05, 0x06, 0x07);
  if (type == 2 && machine.board.product.empty()) machine.board = identity(s, 0x04, 0x05, 0x06, 0x07);
  if (type == 4) machine.processor.enabled += enabled_cores(s);
  if (type == 16) tables.uses[s.get<uint16_t>(0x02)] = s.get<uint8_t>(0x05);
  if (type == 20) machine.memory.ranges.push_back(module_range(s));
  if (type == 17) tables.memory.push_back(std::move(s));
}

/// Modules and empty slots of the system's memory. Flash chips and modules that keep their content are listed apart:
/// Linux does not have them as memory.
void take_memory(const Tables& tables, Machine& machine) {
  for (const Structure& s : tables.memory) {
    const auto use = tables.uses.find(s.get<uint16_t>(0x04));
    const bool other_use =
        use != tables.uses.end() && use->second != use_system && use->second != use_other && use->second != use_unknown;
    const uint64_t size = device_size(s);
    const Dimm module = dimm(s);
    if (!other_use && (module.bytes > 0 || size == 0)) {
      machine.memory.dimms.push_back(module);
      machine.memory.installed += module.bytes;
    }
    if (const uint64_t rest = other_use ? size : size - module.bytes; rest > 0) {
      const auto technology = s.get<uint8_t>(0x28);
      const bool persistent = !other_use && technology >= 0x04 && technology <= 0x07;
      machine.devices.push_back(
          {persistent ? "persistent-memory" : "rom", module.slot,
           core::trimmed(core::format_bytes(rest) + " " + module.manufacturer + " " + module.part)});
    }
  }
}

/// Returns false when the table is damaged from here on.
bool parse(std::string_view table, Machine& machine, Tables& tables) {
  while (table.size() >= 4) {
    const auto type = static_cast<uint8_t>(table[0]);
    const auto length = static_cast<uint8_t>(table[1]);
    if (length < 4 || length > table.size()) return false;
    const std::string_view formatted = table.substr(0, length);
    table.remove_prefix(length);
    std::vector<std::string> strings;
    while (true) {
      const size_t end = table.find('\0');
      if (end == std::string_view::npos) return false;
      if (end > 0) strings.push_back(core::trimmed(core::safe_text(table.substr(0, end), 200)));
      table.remove_prefix(end + 1);
      if (end == 0) break;
    }
    // A structure without strings ends with two zero bytes.
    if (strings.empty() && !table.empty() && table[0] == '\0') table.remove_prefix(1);
    if (type == 127) return true;
    take(type, Structure(formatted, std::move(strings)), machine, tables);
  }
  return true;
}

/// Boards without SMBIOS name themselves in the device tree; its texts end with a zero byte.
bool read_device_tree(const SystemRoot& root, Machine& machine) {
  const auto text = [&](const std::string& folder, const char* name) {
    return core::trimmed(core::safe_text(root.bytes(folder + name).value_or("").c_str(), 200));
  };
  for (const std::string folder : {"/sys/firmware/devicetree/base/", "/proc/device-tree/"}) {
    machine.system.product = text(folder, "model");
    machine.system.serial = text(folder, "serial-number");
    if (!machine.system.product.empty() || !machine.system.serial.empty()) return true;
  }
  return false;
}

}  // namespace

void read_smbios(const SystemRoot& root, Machine& machine) {
  const auto table = root.bytes("/sys/firmware/dmi/tables/DMI");
  if (table) {
    Tables tables;
    if (!parse(*table, machine, tables))
      root.note_problem("SMBIOS", "the firmware's table is damaged; what came before the damage is used");
    take_memory(tables, machine);
  } else if (root.exists("/sys/class/dmi/id")) {
    const auto id = [&](const char* name) { return root.text(std::string("/sys/class/dmi/id/") + name).value_or(""); };
    machine.system = {id("sys_vendor"), id("product_name"), id("product_version"), id("product_serial")};
    machine.board = {id("board_vendor"), id("board_name"), id("board_version"), id("board_serial")};
    machine.bios = {id("bios_vendor"), id("bios_version"), id("bios_date"), ""};
  } else if (!read_device_tree(root, machine)) {
    root.note_problem("SMBIOS", "the firmware gives no tables (usual in a virtual machine)");
  }
  const auto flag = [&](const char* what, std::string& serial) {
    if (!is_placeholder(serial)) return;
    machine.notes.push_back(std::string("The serial number of the ") + what + " is a placeholder: \"" + serial + "\".");
  };
  flag("machine", machine.system.serial);
  flag("board", machine.board.serial);
  for (Dimm& module : machine.memory.dimms)
    if (module.bytes != 0) flag(("memory module in " + module.slot).c_str(), module.serial);
}

}  // namespace assay::inventory
