#include "manifest/check.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <sstream>
#include <utility>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "manifest/strict_json.hpp"

namespace assay::embedded {
extern const char manifest_schema[];
}

namespace assay::manifest {
namespace {

using nlohmann::json;

/// valijson names a place as {"<root>", "[tests]", "[0]"}.
std::string pointer(const std::vector<std::string>& context) {
  std::string text;
  for (size_t i = 1; i < context.size(); ++i) text += "/" + context[i].substr(1, context[i].size() - 2);
  return text;
}

/// The part of a schema that speaks of a place in the document; null where none does.
const json* schema_at(const json& schema, const std::string& place) {
  const json* now = &schema;
  std::istringstream parts(place.empty() ? "" : place.substr(1));
  const auto follow = [&] {
    for (int depth = 0; now != nullptr && now->is_object() && now->contains("$ref") && depth < 16; ++depth) {
      const json::json_pointer target((*now)["$ref"].get<std::string>().substr(1));
      now = schema.contains(target) ? &schema[target] : nullptr;
    }
  };
  for (std::string part; follow(), now != nullptr && std::getline(parts, part, '/');) {
    if (!now->is_object()) return nullptr;
    if (now->contains("items"))
      now = &(*now)["items"];
    else
      now = now->contains("properties") && (*now)["properties"].contains(part) ? &(*now)["properties"][part] : nullptr;
  }
  return now;
}

std::string listed(const json& values) {
  std::string text;
  for (const json& value : values)
    text += (text.empty() ? "" : ", ") + (value.is_string() ? value.get<std::string>() : value.dump());
  return text;
}

/// In how many letters two words differ, at most (Levenshtein).
size_t distance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t corner = std::exchange(row[0], i);
    for (size_t k = 1; k <= b.size(); ++k)
      corner = std::exchange(row[k], std::min({row[k] + 1, row[k - 1] + 1, corner + (a[i - 1] == b[k - 1] ? 0 : 1)}));
  }
  return row.back();
}

/// A property that is not in the schema, or whose value its pattern refuses.
std::string unknown_property(const json* around, const std::string& name) {
  const json known =
      around != nullptr && around->is_object() ? around->value("properties", json::object()) : json::object();
  if (known.contains(name)) return "has a wrong value";
  std::string nearest, all;
  for (const auto& [key, ignored] : known.items()) {
    all += (all.empty() ? "" : ", ") + key;
    if (distance(name, key) <= 2 && (nearest.empty() || distance(name, key) < distance(name, nearest))) nearest = key;
  }
  if (!nearest.empty()) return "is not known here; " + nearest + " is meant?";
  return all.empty() ? "is not known here, or its value is wrong" : "is not known here; known are: " + all;
}

/// The validator's words, for people. An unknown property is the fault of that property, not of all that is around it.
Fault worded(Fault fault, const json& schema) {
  const json* expected = schema_at(schema, fault.where);
  const auto has = [&](const char* key) {
    return expected != nullptr && expected->is_object() && expected->contains(key);
  };
  if (fault.what.find("'type' constraint") != std::string::npos)
    return {fault.where,
            "has the wrong type" + (has("type") ? ": must be " + listed(json::array({(*expected)["type"]})) : "")};
  if (fault.what.find("enum") != std::string::npos && has("enum"))
    return {fault.where, "must be one of: " + listed((*expected)["enum"])};
  const std::string sign = "Object contains a property that could not be validated";
  const size_t end = fault.what.rfind('\''), start = fault.what.rfind('\'', end == std::string::npos ? end : end - 1);
  if (fault.what.rfind(sign, 0) != 0 || start == std::string::npos || end <= start) return fault;
  const std::string name = fault.what.substr(start + 1, end - start - 1);
  return {fault.where + "/" + name, unknown_property(expected, name)};
}

/// Manifests of before named devices by patterns of paths, which can climb: the kind that such a one meant.
std::string kind_of_path(const std::string& path) {
  constexpr std::pair<const char*, const char*> kinds[] = {
      {"/dev/bus/usb", "usb"},      {"/dev/snd", "sound"},       {"/dev/video", "video"},
      {"/dev/dri", "graphics"},     {"/dev/fb", "graphics"},     {"/dev/input", "input"},
      {"/dev/hidraw", "hidraw"},    {"/dev/tty", "serial"},      {"/dev/i2c", "i2c"},
      {"/dev/tpm", "tpm"},          {"/dev/rtc", "rtc"},         {"/dev/watchdog", "watchdog"},
      {"/dev/cpu", "msr"},          {"/dev/sg", "scsi-generic"}, {"/dev/sd", "target-node"},
      {"/dev/nvme", "target-node"}, {"/dev/disk", "target-node"}};
  for (const auto& [start, kind] : kinds)
    if (path.rfind(start, 0) == 0) return kind;
  return {};
}

/// A device that is a path, in place of the validator's list of all kinds.
Fault with_kind(Fault fault, const json& manifest) {
  if (fault.where.find("/needs/devices/") == std::string::npos) return fault;
  const json::json_pointer place(fault.where);
  if (!manifest.contains(place) || !manifest[place].is_string()) return fault;
  const std::string given = manifest[place];
  const std::string kind = kind_of_path(given);
  if (kind.empty()) return fault;
  return {fault.where, "names devices by a path; name their kind: write \"" + kind + "\" in place of " + given};
}

class ManifestRules {
 public:
  explicit ManifestRules(const json& manifest) : manifest_(manifest) {}

  std::vector<Fault> faults() {
    unique("/tests", manifest_["tests"], "id");
    const std::string prefix = manifest_["id"].get<std::string>() + ".";
    for (size_t i = 0; i < manifest_["tests"].size(); ++i) {
      const json& test = manifest_["tests"][i];
      const std::string at = "/tests/" + std::to_string(i);
      if (test["id"].get<std::string>().compare(0, prefix.size(), prefix) != 0)
        add(at + "/id", "a test id begins with the plugin's id and a dot: " + prefix);
      unique(at + "/parameters", test["parameters"], "key");
      unique(at + "/measurements", test["measurements"], "key");
      unique(at + "/injections", test["injections"], "id");
      std::set<std::string> keys;
      for (size_t k = 0; k < test["parameters"].size(); ++k) {
        parameter(at + "/parameters/" + std::to_string(k), test["parameters"][k]);
        keys.insert(test["parameters"][k]["key"].get<std::string>());
      }
      const json proof = test.value("proof", json::object());
      for (const auto& [key, value] : proof.items())
        if (keys.count(key) == 0) add(at + "/proof/" + key, "is not a parameter of this test");
      if (test.contains("seconds") == (keys.count("duration") == 1))
        add(at, "says how long it takes in one way: a parameter `duration`, or `seconds`");
    }
    return std::move(faults_);
  }

 private:
  void add(const std::string& where, const std::string& what) { faults_.push_back({where, what}); }

  void unique(const std::string& at, const json& list, const char* name) {
    std::set<std::string> seen;
    for (size_t i = 0; i < list.size(); ++i)
      if (!seen.insert(list[i][name].get<std::string>()).second)
        add(at + "/" + std::to_string(i) + "/" + name, "occurs twice: " + list[i][name].get<std::string>());
  }

  void parameter(const std::string& at, const json& p) {
    const std::string type = p["type"];
    const json& value = p["default"];
    const bool number = type == "integer" || type == "real" || type == "duration";
    if (number && !value.is_number()) return add(at + "/default", "must be a number");
    if (type == "integer" && !value.is_number_integer()) return add(at + "/default", "must be a whole number");
    if (type == "boolean" && !value.is_boolean()) return add(at + "/default", "must be true or false");
    if (type == "text" && !value.is_string()) return add(at + "/default", "must be a text");
    if (number && (!p.contains("min") || !p.contains("max"))) return add(at, "a number needs min and max");
    if (number && (value < p["min"] || value > p["max"])) add(at + "/default", "lies outside min and max");
    if (type == "text" && p.contains("choices")) {
      bool found = false;
      for (const json& choice : p["choices"]) found = found || choice == value;
      if (!found) add(at + "/default", "is not one of the choices");
    }
  }

  const json& manifest_;
  std::vector<Fault> faults_;
};

}  // namespace

const char* schema() { return embedded::manifest_schema; }

std::vector<Fault> check_json(const std::string& text, const char* schema_text) {
  json document;
  try {
    document = strict_json(text);
  } catch (const BadJson& bad) {
    return {{bad.where, bad.what()}};
  }
  const json schema_document = strict_json(schema_text);
  valijson::Schema schema;
  valijson::SchemaParser parser;
  parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(schema_document), schema);
  valijson::Validator validator;
  valijson::ValidationResults results;
  if (validator.validate(schema, valijson::adapters::NlohmannJsonAdapter(document), &results)) return {};

  // The innermost faults say the most; the ones around them only repeat that something inside is wrong.
  std::vector<Fault> faults;
  size_t deepest = 0;
  valijson::ValidationResults::Error error;
  while (results.popError(error)) {
    if (error.context.size() < deepest) continue;
    if (error.context.size() > deepest) faults.clear();
    deepest = error.context.size();
    faults.push_back(worded({pointer(error.context), error.description}, schema_document));
  }
  return faults;
}

std::vector<Fault> check_manifest(const std::string& text) {
  std::vector<Fault> faults = check_json(text, schema());
  if (faults.empty()) return ManifestRules(strict_json(text)).faults();
  const json manifest = json::parse(text, nullptr, false);
  if (!manifest.is_discarded())
    for (Fault& fault : faults) fault = with_kind(std::move(fault), manifest);
  return faults;
}

}  // namespace assay::manifest
