#include "runner/spec.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace assay::runner {
namespace {

using nlohmann::json;

json to_json(const core::Value& value) {
  return std::visit([](const auto& plain) { return json(plain); }, value);
}

core::Value to_value(const json& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number_integer()) return value.get<int64_t>();
  if (value.is_number()) return value.get<double>();
  return value.get<std::string>();
}

}  // namespace

std::string encode(const Spec& spec) {
  json parameters = json::array();
  for (const SpecParameter& p : spec.parameters)
    parameters.push_back({{"key", p.key},
                          {"value", to_json(p.value)},
                          {"bounded", p.bounded},
                          {"min", p.min},
                          {"max", p.max},
                          {"choices", p.choices}});
  json files = json::array();
  for (const SpecFile& file : spec.files) files.push_back(file.path);
  const core::Target& target = spec.target;
  const Confinement& confinement = spec.confinement;
  return json{{"mode", static_cast<int>(spec.mode)},
              {"plugin", spec.plugin},
              {"files", files},
              {"test", spec.test},
              {"target", {{"id", target.id}, {"kind", target.kind}, {"attributes", target.attributes}}},
              {"parameters", parameters},
              {"seed", spec.seed},
              {"injection", spec.injection},
              {"core", spec.core},
              {"folder", spec.folder},
              {"confinement",
               {{"address_space", confinement.address_space},
                {"file_bytes", confinement.file_bytes},
                {"processes", confinement.processes},
                {"root", confinement.root},
                {"physical_addresses", confinement.physical_addresses},
                {"locked_memory", confinement.locked_memory},
                {"ring", confinement.ring},
                {"private_temp", confinement.private_temp},
                {"network", static_cast<int>(confinement.network)},
                {"capabilities", confinement.capabilities},
                {"devices", confinement.devices}}}}
             .dump(-1, ' ', false, json::error_handler_t::replace) +
         '\0' + spec.calls;
}

Spec decode_spec(const std::string& text) {
  const size_t end = std::min(text.find('\0'), text.size());
  const json object = json::parse(text.substr(0, end));
  Spec spec;
  spec.calls = text.substr(std::min(end + 1, text.size()));
  spec.mode = static_cast<Mode>(object.at("mode").get<int>());
  spec.plugin = object.at("plugin");
  for (const json& path : object.at("files")) spec.files.push_back({path, ""});
  spec.test = object.at("test");
  spec.target.id = object.at("target").at("id");
  spec.target.kind = object.at("target").at("kind");
  spec.target.attributes = object.at("target").at("attributes").get<std::map<std::string, std::string>>();
  for (const json& p : object.at("parameters"))
    spec.parameters.push_back(
        {p.at("key"), to_value(p.at("value")), p.at("bounded"), p.at("min"), p.at("max"), p.at("choices")});
  spec.seed = object.at("seed");
  spec.injection = object.at("injection");
  spec.core = object.at("core");
  spec.folder = object.at("folder");
  const json& confinement = object.at("confinement");
  Confinement& held = spec.confinement;
  held.address_space = confinement.at("address_space");
  held.file_bytes = confinement.at("file_bytes");
  held.processes = confinement.at("processes");
  held.root = confinement.at("root");
  held.physical_addresses = confinement.at("physical_addresses");
  held.locked_memory = confinement.at("locked_memory");
  held.ring = confinement.at("ring");
  held.private_temp = confinement.at("private_temp");
  held.network = static_cast<Network>(confinement.at("network").get<int>());
  held.capabilities = confinement.at("capabilities");
  held.devices = confinement.at("devices");
  return spec;
}

}  // namespace assay::runner
