#include "runner/spec.hpp"

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
  const core::Target& target = spec.target;
  const Confinement& confinement = spec.confinement;
  return json{{"mode", static_cast<int>(spec.mode)},
              {"plugin", spec.plugin},
              {"test", spec.test},
              {"target", {{"id", target.id}, {"kind", target.kind}, {"attributes", target.attributes}}},
              {"parameters", parameters},
              {"seed", spec.seed},
              {"injection", spec.injection},
              {"core", spec.core},
              {"confinement",
               {{"address_space", confinement.address_space},
                {"file_bytes", confinement.file_bytes},
                {"processes", confinement.processes},
                {"landlock", confinement.landlock},
                {"private_temp", confinement.private_temp},
                {"writable", confinement.writable}}}}
      .dump(-1, ' ', false, json::error_handler_t::replace);
}

Spec decode_spec(const std::string& text) {
  const json object = json::parse(text);
  Spec spec;
  spec.mode = static_cast<Mode>(object.at("mode").get<int>());
  spec.plugin = object.at("plugin");
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
  const json& confinement = object.at("confinement");
  spec.confinement = {confinement.at("address_space"), confinement.at("file_bytes"),   confinement.at("processes"),
                      confinement.at("landlock"),      confinement.at("private_temp"), confinement.at("writable")};
  return spec;
}

}  // namespace assay::runner
