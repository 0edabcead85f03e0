#include "inventory_facts.hpp"

#include <nlohmann/json.hpp>

#include "core/text.hpp"

namespace assay::reports {

using nlohmann::json;

namespace {

/// The record may come from anywhere: a field of another type counts as not there.
std::string text(const json& object, const char* key) {
  return object.is_object() && object.contains(key) && object[key].is_string() ? object[key].get<std::string>() : "";
}

double number(const json& object, const char* key) {
  return object.is_object() && object.contains(key) && object[key].is_number() ? object[key].get<double>() : 0.0;
}

}  // namespace

std::string machine_text(const json& machine, const char* group, const char* key) {
  return machine.is_object() && machine.contains(group) ? text(machine[group], key) : "";
}

std::vector<Fact> inventory_facts(const json& machine) {
  std::vector<Fact> facts;
  if (!machine.is_object()) return facts;
  const auto add = [&](const std::string& name, const std::string& value) { facts.push_back({name, value}); };
  add("Board",
      core::trimmed(machine_text(machine, "board", "vendor") + " " + machine_text(machine, "board", "product") + " " +
                    machine_text(machine, "board", "serial")));
  add("BIOS", core::trimmed(machine_text(machine, "bios", "vendor") + " " + machine_text(machine, "bios", "product")));
  add("Microcode", machine_text(machine, "processor", "microcode"));
  if (machine.contains("memory") && machine["memory"].contains("dimms"))
    for (const json& d : machine["memory"]["dimms"])
      add("Memory module " + text(d, "slot"), core::format_bytes(static_cast<uint64_t>(number(d, "bytes"))) + " " +
                                                  text(d, "kind") + " " + text(d, "part") + " " + text(d, "serial"));
  for (const char* group : {"disks", "network", "usb", "batteries", "devices"}) {
    if (!machine.contains(group)) continue;
    for (const json& d : machine[group]) {
      const std::string kind = std::string(group) == "devices" ? text(d, "kind") : group;
      std::string value = text(d, "model") + " " + text(d, "title") + " " + text(d, "detail") + " " +
                          text(d, "driver") + " " + text(d, "serial");
      if (number(d, "bytes") > 0) value += " " + core::format_bytes(static_cast<uint64_t>(number(d, "bytes")));
      add(kind + " " + text(d, "name") + text(d, "port"), core::trimmed(value));
    }
  }
  add("System", machine_text(machine, "software", "os") + ", Linux " + machine_text(machine, "software", "kernel"));
  if (machine.contains("notes"))
    for (const json& n : machine["notes"])
      if (n.is_string()) add("Note", n.get<std::string>());
  if (machine.contains("not_read"))
    for (const json& n : machine["not_read"]) add("Not read: " + text(n, "what"), text(n, "reason"));
  return facts;
}

}  // namespace assay::reports
