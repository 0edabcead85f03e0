#include "catalog/manifest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/errors.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "manifest/check.hpp"

namespace assay::catalog {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 4> effects{"observe", "load", "scratch", "destructive"};
constexpr std::array<std::string_view, 5> types{"integer", "real", "duration", "boolean", "text"};
constexpr std::array<std::string_view, 3> networks{"none", "loopback", "link"};

template <class Enum, size_t count>
Enum find(const std::array<std::string_view, count>& names, const std::string& name) {
  return static_cast<Enum>(std::find(names.begin(), names.end(), name) - names.begin());
}

core::LocalText text(const json& object, const char* key) {
  core::LocalText result;
  if (!object.contains(key)) return result;
  for (const auto& [language, value] : object[key].items())
    result[language] = core::safe_text(value.get<std::string>());
  return result;
}

std::vector<std::string> strings(const json& object, const char* key) {
  return object.contains(key) ? object[key].get<std::vector<std::string>>() : std::vector<std::string>();
}

Parameter parameter(const json& p) {
  Parameter result;
  result.key = p["key"];
  result.type = find<ParameterType>(types, p["type"]);
  result.unit = p.value("unit", result.type == ParameterType::duration ? "s" : "");
  result.min = p.value("min", 0.0);
  result.max = p.value("max", 0.0);
  result.choices = strings(p, "choices");
  result.fallback = core::to_value(p["default"], "parameter " + result.key);
  result.fallback = check_value(result, result.fallback);
  result.help = text(p, "help");
  result.syntax = p.value("syntax", "");
  result.extent = p.value("extent", result.type == ParameterType::duration);
  return result;
}

MeasurementDeclaration measurement(const json& m) {
  MeasurementDeclaration result;
  result.key = m["key"];
  result.unit = m["unit"];
  result.title = text(m, "title");
  result.coverage = m.value("coverage", false);
  for (const json& limit : m.value("limits", json::array()))
    result.limits.push_back({*core::comparator_from(limit["is"].get<std::string>()), limit["value"].get<double>(),
                             *core::result_from(limit["else"].get<std::string>())});
  return result;
}

Needs needs(const json& n) {
  Needs result;
  result.root = n.value("root", false);
  result.most_memory = n.value("memory", "little") == "most";
  result.processes = n.value("processes", false);
  result.kept = n.value("kept", false);
  result.ring = n.value("ring", false);
  result.physical_addresses = n.value("physical-addresses", false);
  result.network = find<Network>(networks, n.value("network", "none"));
  result.capabilities = strings(n, "capabilities");
  result.devices = strings(n, "devices");
  result.tools = strings(n, "tools");
  return result;
}

Test test(const json& t) {
  Test result;
  result.id = t["id"];
  result.title = text(t, "title");
  result.description = text(t, "description");
  result.advice = text(t, "advice");
  result.subsystem = t["subsystem"];
  result.binds = t["binds"];
  result.effect = find<Effect>(effects, t["effect"]);
  result.needs = needs(t.value("needs", json::object()));
  result.uses = strings(t, "uses");
  result.exclusive = t.contains("exclusive") ? strings(t, "exclusive") : std::vector<std::string>{"target"};
  result.stand_in = t.value("stand-in", false);
  result.seconds = t.value("seconds", 0.0);
  result.least_coverage = t.value("least-coverage", 0.0);
  for (const json& p : t["parameters"]) result.parameters.push_back(parameter(p));
  for (const json& m : t["measurements"]) result.measurements.push_back(measurement(m));
  for (const json& i : t["injections"]) result.injections.push_back({i["id"], text(i, "title")});
  const json proof = t.value("proof", json::object());
  for (const auto& [key, given] : proof.items()) {
    result.proof[key] = check_value(*result.parameter(key), core::to_value(given, "proof/" + key));
  }
  return result;
}

}  // namespace

std::string_view name(Effect effect) { return effects[static_cast<size_t>(effect)]; }
std::string_view name(ParameterType type) { return types[static_cast<size_t>(type)]; }

const Parameter* Test::parameter(const std::string& key) const {
  const auto found =
      std::find_if(parameters.begin(), parameters.end(), [&](const Parameter& p) { return p.key == key; });
  return found == parameters.end() ? nullptr : &*found;
}

Manifest parse_manifest(const std::string& given) {
  std::string faults;
  for (const auto& fault : manifest::check_manifest(given))
    faults += (faults.empty() ? "" : "; ") + fault.where + " " + fault.what;
  if (!faults.empty()) throw core::BadInput("manifest: " + core::safe_text(faults, 600));
  const json document = core::parse_json(given, "manifest");
  Manifest result;
  result.id = document["id"];
  result.vendor = core::safe_text(document["vendor"].get<std::string>());
  result.version = document["version"];
  result.licence = core::safe_text(document["licence"].get<std::string>());
  const auto abi = core::split(document["abi"].get<std::string>(), '.');
  result.abi_major = std::stoi(abi[0]);
  result.abi_minor = std::stoi(abi[1]);
  result.title = text(document, "title");
  for (const json& t : document["tests"]) result.tests.push_back(test(t));
  return result;
}

core::Value check_value(const Parameter& p, const core::Value& given) {
  const auto wrong = [&](const std::string& what) -> core::BadInput {
    return core::BadInput(fmt::format("parameter {} = {}: {}", p.key, core::safe_text(core::to_text(given), 80), what));
  };
  core::Value value = given;
  const auto* as_text = std::get_if<std::string>(&given);
  if (p.type == ParameterType::duration && as_text != nullptr) {
    const auto seconds = core::parse_duration(*as_text);
    if (!seconds) throw wrong("is not a duration, such as \"90s\" or \"1h 20m\"");
    value = *seconds;
  }
  double number = 0;
  switch (p.type) {
    case ParameterType::boolean:
      if (!std::holds_alternative<bool>(value)) throw wrong("must be true or false");
      return value;
    case ParameterType::text:
      if (as_text == nullptr) throw wrong("must be a text");
      if (!p.choices.empty() && std::find(p.choices.begin(), p.choices.end(), *as_text) == p.choices.end())
        throw wrong(fmt::format("must be one of {}", fmt::join(p.choices, ", ")));
      return value;
    case ParameterType::integer:
      if (!std::holds_alternative<int64_t>(value)) throw wrong("must be a whole number");
      [[fallthrough]];
    case ParameterType::real:
    case ParameterType::duration:
      if (!core::as_number(value, number) || !std::isfinite(number)) throw wrong("must be a number");
      if (number < p.min || number > p.max)
        throw wrong(fmt::format("must lie between {} and {}{}{}", core::format_number(p.min),
                                core::format_number(p.max), p.unit.empty() ? "" : " ", p.unit));
      if (p.type != ParameterType::integer) value = number;
      return value;
  }
  return value;
}

}  // namespace assay::catalog
