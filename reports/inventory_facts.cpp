#include "inventory_facts.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "core/text.hpp"

namespace assay::reports {

using fmt::arg;
using nlohmann::json;

std::string json_text(const json& object, const char* key) {
  return object.is_object() && object.contains(key) && object[key].is_string() ? object[key].get<std::string>() : "";
}

double json_number(const json& object, const char* key) {
  return object.is_object() && object.contains(key) && object[key].is_number() ? object[key].get<double>() : 0.0;
}

std::string machine_text(const json& machine, const char* group, const char* key) {
  return machine.is_object() && machine.contains(group) ? json_text(machine[group], key) : "";
}

double machine_number(const json& machine, const char* group, const char* key) {
  return machine.is_object() && machine.contains(group) ? json_number(machine[group], key) : 0.0;
}

json machine_list(const json& machine, const char* group, const char* key) {
  if (!machine.is_object() || !machine.contains(group)) return json::array();
  const json& found = machine[group];
  if (key == nullptr) return found.is_array() ? found : json::array();
  return found.is_object() && found.contains(key) && found[key].is_array() ? found[key] : json::array();
}

std::vector<Fact> inventory_facts(const json& machine, const Language& l) {
  std::vector<Fact> facts;
  const auto add = [&](const std::string& name, const std::string& value) { facts.push_back({name, value}); };
  add(l.say("Board"),
      core::trimmed(machine_text(machine, "board", "vendor") + " " + machine_text(machine, "board", "product") + " " +
                    machine_text(machine, "board", "serial")));
  add("BIOS", core::trimmed(machine_text(machine, "bios", "vendor") + " " + machine_text(machine, "bios", "product")));
  add(l.say("Processor"), machine_text(machine, "processor", "model"));
  add(l.say("Microcode"), machine_text(machine, "processor", "microcode"));
  add(l.say("Memory"), l.bytes(static_cast<uint64_t>(machine_number(machine, "memory", "visible_bytes"))));
  for (const json& d : machine_list(machine, "memory", "dimms"))
    add(l.say("Memory module {slot}", arg("slot", json_text(d, "slot"))),
        l.bytes(static_cast<uint64_t>(json_number(d, "bytes"))) + " " + json_text(d, "kind") + " " +
            json_text(d, "part") + " " + json_text(d, "serial"));
  const std::pair<const char*, std::string> groups[] = {{"disks", l.say("Disk")},
                                                        {"network", l.say("Network")},
                                                        {"usb", "USB"},
                                                        {"batteries", l.say("Battery")},
                                                        {"devices", ""}};
  for (const auto& [group, name] : groups)
    for (const json& d : machine_list(machine, group)) {
      std::string value;
      for (const char* key : {"model", "title", "detail", "driver", "serial"})
        if (const std::string part = json_text(d, key); !part.empty()) value += (value.empty() ? "" : " ") + part;
      if (json_number(d, "bytes") > 0) value += " " + l.bytes(static_cast<uint64_t>(json_number(d, "bytes")));
      add((name.empty() ? json_text(d, "kind") : name) + " " + json_text(d, "name") + json_text(d, "port"), value);
    }
  add(l.say("System"),
      machine_text(machine, "software", "os") + ", Linux " + machine_text(machine, "software", "kernel"));
  for (const json& n : machine_list(machine, "notes"))
    if (n.is_string()) add(l.say("Note"), n.get<std::string>());
  for (const json& n : machine_list(machine, "not_read"))
    add(l.say("Not read: {what}", arg("what", json_text(n, "what"))), json_text(n, "reason"));
  return facts;
}

std::vector<Fact> inventory_changes(const std::vector<Fact>& before, const std::vector<Fact>& now, const Language& l) {
  // Two slots can have one name: the values of a name are compared as sets, each as often as it is there.
  std::map<std::string, std::pair<std::vector<std::string>, std::vector<std::string>>> by_name;
  for (const Fact& fact : before) by_name[fact.name].first.push_back(fact.value);
  for (const Fact& fact : now) by_name[fact.name].second.push_back(fact.value);
  std::vector<Fact> changes;
  for (auto& entry : by_name) {
    const std::string& name = entry.first;
    auto& was = entry.second.first;
    auto& is = entry.second.second;
    for (size_t i = 0; i < was.size();) {
      const auto same = std::find(is.begin(), is.end(), was[i]);
      if (same == is.end()) {
        ++i;
        continue;
      }
      is.erase(same);
      was.erase(was.begin() + static_cast<std::ptrdiff_t>(i));
    }
    const size_t pairs = std::min(was.size(), is.size());
    for (size_t i = 0; i < pairs; ++i)
      changes.push_back({name, l.say("was {before}, is {now}", arg("before", was[i]), arg("now", is[i]))});
    for (size_t i = pairs; i < was.size(); ++i) changes.push_back({name, l.say("gone: {value}", arg("value", was[i]))});
    for (size_t i = pairs; i < is.size(); ++i) changes.push_back({name, l.say("new: {value}", arg("value", is[i]))});
  }
  return changes;
}

}  // namespace assay::reports
