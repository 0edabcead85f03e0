#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/text.hpp"
#include "inventory/machine.hpp"
#include "readers.hpp"

namespace assay::inventory {
namespace {

/// For the test that compares what is installed with what is there; and the words for what is not.
std::map<std::string, std::string> machine_attributes(const Machine& machine) {
  const Processor& processor = machine.processor;
  const Memory& memory = machine.memory;
  uint64_t least = 0;
  for (const Dimm& dimm : memory.dimms)
    if (dimm.bytes > 0 && (least == 0 || dimm.bytes < least)) least = dimm.bytes;
  std::string hidden;
  for (const HiddenCore& core : processor.hidden)
    hidden += (hidden.empty() ? "core " : "; core ") + std::to_string(core.os_index) + ": " + core.why;
  return {{"present_processors", std::to_string(processor.present)},
          {"online_processors", std::to_string(processor.online)},
          {"enabled_cores", std::to_string(processor.enabled)},
          {"hidden_cores", hidden},
          {"visible_bytes", std::to_string(memory.visible)},
          {"installed_bytes", std::to_string(memory.installed)},
          {"accounted_bytes", std::to_string(memory.accounted)},
          {"least_module_bytes", std::to_string(least)},
          {"unseen_memory", unseen_memory(memory)},
          {"clock_source", machine.software.clock_source}};
}

std::string usb_title(const Machine& machine) {
  const auto roots = std::count_if(machine.usb.begin(), machine.usb.end(),
                                   [](const UsbDevice& device) { return device.port.rfind("usb", 0) == 0; });
  return std::to_string(static_cast<std::ptrdiff_t>(machine.usb.size()) - roots) + " USB devices";
}

std::string shown(double value) { return core::format_number(value); }

/// A module as the board and its maker name it; two slots can have one name, told apart by their bank.
std::string place_of(const Dimm& dimm) { return dimm.bank.empty() ? dimm.slot : dimm.slot + " (" + dimm.bank + ")"; }

/// Which module holds which physical addresses: lines of "FIRST LAST SLOT", in hex. Only where there is no doubt: with
/// one module that holds all, or where SMBIOS gives each its own addresses, as many as it is large. Boards that
/// interleave them leave it open.
std::string modules(const Memory& memory) {
  std::vector<const Dimm*> there;
  std::set<std::string> places;
  for (const Dimm& dimm : memory.dimms)
    if (dimm.bytes > 0) there.push_back(&dimm), places.insert(place_of(dimm));
  if (places.size() != there.size() || places.count("") > 0) return "";
  if (there.size() == 1 && there[0]->bytes >= memory.visible) return "0 ffffffffffffffff " + place_of(*there[0]) + "\n";
  std::string text;
  for (const ModuleRange& range : memory.ranges) {
    const auto dimm =
        std::find_if(there.begin(), there.end(), [&](const Dimm* d) { return d->handle == range.module; });
    const bool alone = std::none_of(memory.ranges.begin(), memory.ranges.end(), [&](const ModuleRange& other) {
      return &other != &range && other.first <= range.last && range.first <= other.last;
    });
    if (dimm == there.end() || !alone || range.interleaved || range.last - range.first + 1 != (*dimm)->bytes) return "";
    text += fmt::format("{:x} {:x} {}\n", range.first, range.last, place_of(**dimm));
  }
  return text;
}

}  // namespace

std::vector<core::Target> targets(const Machine& machine) {
  std::vector<core::Target> result;
  const Processor& processor = machine.processor;
  result.push_back({"machine", "machine", core::trimmed(machine.system.vendor + " " + machine.system.product),
                    machine_attributes(machine), false});
  for (const Core& core : processor.usable)
    result.push_back({"core:" + std::to_string(core.os_index),
                      "core",
                      "core " + std::to_string(core.os_index),
                      {{"os_index", std::to_string(core.os_index)},
                       {"package", std::to_string(core.package)},
                       {"core", std::to_string(core.core)}},
                      false});
  for (const HiddenCore& core : processor.hidden)
    result.push_back({"core:" + std::to_string(core.os_index),
                      "core",
                      "core " + std::to_string(core.os_index),
                      {{"os_index", std::to_string(core.os_index)}, {"not_usable", core.why}},
                      false});
  if (machine.memory.visible > 0)
    result.push_back({"memory",
                      "memory",
                      core::format_bytes(machine.memory.visible) + " memory",
                      {{"visible_bytes", std::to_string(machine.memory.visible)},
                       {"installed_bytes", std::to_string(machine.memory.installed)},
                       {"modules", modules(machine.memory)}},
                      false});
  for (const Disk& disk : machine.disks)
    result.push_back({"disk:" + disk.name,
                      "disk",
                      core::trimmed(disk.name + " " + disk.model + " " + core::format_bytes(disk.bytes)),
                      {{"path", disk.path},
                       {"bytes", std::to_string(disk.bytes)},
                       {"serial", disk.serial},
                       {"wwn", disk.wwn},
                       {"weak_serial", disk.weak_serial ? "1" : ""},
                       {"rotational", disk.rotational ? "1" : "0"},
                       {"block", std::to_string(disk.logical_block)},
                       {"not_readable", disk.not_readable},
                       {"in_use", disk.in_use ? "1" : "0"},
                       {"write_cache", disk.write_cache},
                       {"virtual", machine.software.hypervisor.empty() ? "0" : "1"},
                       {"free_space", disk.has_free_space ? "1" : "0"}},
                      false});
  if (!machine.usb.empty()) result.push_back({"usb", "usb", usb_title(machine), {}, false});
  for (const NetworkInterface& interface : machine.network)
    result.push_back({"network:" + interface.name,
                      "network",
                      interface.name + " " + interface.driver,
                      {{"name", interface.name}, {"wireless", interface.wireless ? "1" : "0"}},
                      false});
  for (const Battery& battery : machine.batteries)
    if (battery.present)
      result.push_back(
          {"battery:" + battery.name,
           "battery",
           core::trimmed(battery.name + " " + battery.model),
           {{"name", battery.name}, {"design_wh", shown(battery.design_wh)}, {"full_wh", shown(battery.full_wh)}},
           false});
  if (!machine.sensors.empty())
    result.push_back({"sensor", "sensor", std::to_string(machine.sensors.size()) + " sensors", {}, false});
  for (const Device& device : machine.devices)
    if (device.kind == "display")
      result.push_back({"display:" + device.name, "display", device.name, {{"name", device.name}}, false});
  return result;
}

}  // namespace assay::inventory
