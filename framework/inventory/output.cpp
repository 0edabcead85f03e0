// The inventory as JSON and as text.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/text.hpp"
#include "inventory/machine.hpp"

namespace assay::inventory {
namespace {

using nlohmann::ordered_json;

ordered_json json(const Identity& i) {
  return {{"vendor", i.vendor}, {"product", i.product}, {"version", i.version}, {"serial", i.serial}};
}

template <class List, class Convert>
ordered_json array(const List& list, Convert convert) {
  ordered_json result = ordered_json::array();
  for (const auto& item : list) result.push_back(convert(item));
  return result;
}

ordered_json json(const Processor& p) {
  return {{"model", p.model},
          {"microcode", p.microcode},
          {"packages", p.packages},
          {"physical_cores", p.physical_cores},
          {"numa_nodes", p.numa_nodes},
          {"logical_online", p.online},
          {"logical_present", p.present},
          {"usable",
           array(p.usable,
                 [](const Core& c) {
                   return ordered_json{
                       {"os_index", c.os_index}, {"core", c.core}, {"package", c.package}, {"numa_node", c.numa_node}};
                 })},
          {"hidden", array(p.hidden,
                           [](const HiddenCore& c) {
                             return ordered_json{{"os_index", c.os_index}, {"why", c.why}};
                           })},
          {"caches", array(p.caches, [](const Cache& c) {
             return ordered_json{{"level", c.level}, {"kind", c.kind}, {"bytes", c.bytes}, {"count", c.count}};
           })}};
}

ordered_json json(const Memory& m) {
  return {{"visible_bytes", m.visible},
          {"available_bytes", m.available},
          {"installed_bytes", m.installed},
          {"held", array(m.held,
                         [](const HeldMemory& h) {
                           return ordered_json{{"who", h.who}, {"bytes", h.bytes}};
                         })},
          {"dimms", array(m.dimms, [](const Dimm& d) {
             return ordered_json{{"slot", d.slot},
                                 {"bank", d.bank},
                                 {"bytes", d.bytes},
                                 {"kind", d.kind},
                                 {"speed_mts", d.speed_mts},
                                 {"configured_mts", d.configured_mts},
                                 {"manufacturer", d.manufacturer},
                                 {"part", d.part},
                                 {"serial", d.serial}};
           })}};
}

ordered_json json(const Disk& d) {
  return {{"name", d.name},
          {"path", d.path},
          {"model", d.model},
          {"serial", d.serial},
          {"wwn", d.wwn},
          {"firmware", d.firmware},
          {"transport", d.transport},
          {"bytes", d.bytes},
          {"logical_block", d.logical_block},
          {"rotational", d.rotational},
          {"removable", d.removable},
          {"read_only", d.read_only},
          {"write_cache", d.write_cache},
          {"in_use", d.in_use},
          {"has_free_space", d.has_free_space}};
}

}  // namespace

std::string to_json(const Machine& m) {
  const ordered_json result{
      {"system", json(m.system)},
      {"board", json(m.board)},
      {"bios", json(m.bios)},
      {"processor", json(m.processor)},
      {"memory", json(m.memory)},
      {"disks", array(m.disks, [](const Disk& d) { return json(d); })},
      {"network", array(m.network,
                        [](const NetworkInterface& n) {
                          return ordered_json{{"name", n.name},       {"driver", n.driver},
                                              {"state", n.state},     {"speed_mbps", n.speed_mbps},
                                              {"carrier", n.carrier}, {"wireless", n.wireless}};
                        })},
      {"usb", array(m.usb,
                    [](const UsbDevice& u) {
                      return ordered_json{{"port", u.port},
                                          {"vendor_id", u.vendor_id},
                                          {"product_id", u.product_id},
                                          {"title", u.title},
                                          {"serial", u.serial},
                                          {"speed_mbps", u.speed_mbps},
                                          {"usb_version", u.usb_version},
                                          {"hub", u.hub},
                                          {"other_half", u.other_half}};
                    })},
      {"sensors", array(m.sensors,
                        [](const Sensor& s) {
                          return ordered_json{
                              {"id", s.id},       {"chip", s.chip}, {"label", s.label},       {"kind", s.kind},
                              {"value", s.value}, {"high", s.high}, {"critical", s.critical}, {"doubt", s.doubt}};
                        })},
      {"batteries", array(m.batteries,
                          [](const Battery& b) {
                            return ordered_json{{"name", b.name},           {"state", b.state},
                                                {"model", b.model},         {"manufacturer", b.manufacturer},
                                                {"design_wh", b.design_wh}, {"full_wh", b.full_wh},
                                                {"cycles", b.cycles},       {"present", b.present}};
                          })},
      {"devices", array(m.devices,
                        [](const Device& d) {
                          return ordered_json{{"kind", d.kind}, {"name", d.name}, {"detail", d.detail}};
                        })},
      {"software",
       {{"kernel", m.software.kernel},
        {"os", m.software.os},
        {"clock_source", m.software.clock_source},
        {"hypervisor", m.software.hypervisor},
        {"boot_id", m.software.boot_id}}},
      {"notes", m.notes},
      {"not_read", array(m.problems, [](const Problem& p) {
         return ordered_json{{"what", p.what}, {"reason", p.reason}};
       })}};
  return result.dump(2, ' ', false, ordered_json::error_handler_t::replace);
}

std::string to_text(const Machine& m) {
  std::string out;
  const auto line = [&](const std::string& head, const std::string& text) {
    out += fmt::format("{:<11} {}\n", head, text);
  };
  const auto known = [](const std::string& text) { return text.empty() ? std::string("not known") : text; };
  const auto number = [](int count) { return count == 0 ? std::string("not known") : std::to_string(count); };
  const auto bytes = [](uint64_t count) { return core::format_bytes(count); };
  line("machine",
       known(core::trimmed(m.system.vendor + " " + m.system.product)) + ", serial " + known(m.system.serial));
  line("board", known(core::trimmed(m.board.vendor + " " + m.board.product)) + ", BIOS " + known(m.bios.product));
  line("processor",
       fmt::format("{}: {}, {} logical processors online of {}, microcode {}", known(m.processor.model),
                   m.processor.physical_cores == 0
                       ? "topology not known"
                       : fmt::format("{} cores, {} package(s), {} NUMA node(s)", m.processor.physical_cores,
                                     m.processor.packages, m.processor.numa_nodes),
                   number(m.processor.online), number(m.processor.present), known(m.processor.microcode)));
  for (const HiddenCore& core : m.processor.hidden) line("", fmt::format("core {}: {}", core.os_index, core.why));
  for (const Cache& cache : m.processor.caches)
    line("", fmt::format("L{} {} cache: {} x {}", cache.level, cache.kind, cache.count, bytes(cache.bytes)));
  line("memory",
       fmt::format("{} visible, {} installed", m.memory.visible == 0 ? "not known what is" : bytes(m.memory.visible),
                   m.memory.installed == 0 ? "not known what is" : bytes(m.memory.installed)));
  for (const Dimm& d : m.memory.dimms)
    line("", d.slot + ": " +
                 (d.bytes == 0 ? "empty"
                               : fmt::format("{} {} {} MT/s {} {} serial {}", bytes(d.bytes), d.kind, d.speed_mts,
                                             d.manufacturer, d.part, known(d.serial))));
  for (const Disk& d : m.disks)
    line("disk", fmt::format("{} {} {} {} serial {}{}", d.path, bytes(d.bytes), d.transport, d.model, known(d.serial),
                             d.in_use ? ", in use" : ""));
  for (const NetworkInterface& n : m.network)
    line("network", fmt::format("{} {} {} {}", n.name, n.driver, n.state,
                                n.speed_mbps > 0 ? fmt::format("{} Mb/s", n.speed_mbps) : ""));
  for (const UsbDevice& u : m.usb)
    line("usb", fmt::format("{}{} {}:{} {} {} Mb/s", u.port, u.other_half.empty() ? "" : " and " + u.other_half,
                            u.vendor_id, u.product_id, u.title, core::format_number(u.speed_mbps)));
  const auto watt_hours = [](double count) {
    return count > 0 ? core::format_number(count) + " Wh" : std::string("not known");
  };
  for (const Battery& b : m.batteries)
    line("battery",
         b.name + ": " +
             (b.present ? fmt::format("holds {} when full, {} when new", watt_hours(b.full_wh), watt_hours(b.design_wh))
                        : std::string("the bay is empty")));
  for (const Sensor& s : m.sensors)
    line(s.kind, fmt::format("{} {}: {}{} {}{}", s.chip, s.label, s.doubt.empty() ? "" : "not known (",
                             core::format_number(s.value), s.kind == "fan" ? "rpm" : "°C",
                             s.doubt.empty() ? "" : ": " + s.doubt + ")"));
  for (const Device& d : m.devices) line(d.kind, d.name + " " + d.detail);
  line("software",
       fmt::format("{}, Linux {}, clock {}{}", known(m.software.os), m.software.kernel, known(m.software.clock_source),
                   m.software.hypervisor.empty() ? "" : ", in a virtual machine"));
  for (const std::string& note : m.notes) line("note", note);
  for (const Problem& p : m.problems) line("not read", p.what + ": " + p.reason);
  return out;
}

}  // namespace assay::inventory
