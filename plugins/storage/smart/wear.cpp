#include "wear.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "counts.hpp"

namespace assay::embedded {
extern const char smart_wear[];
}

namespace smart {
namespace {

struct MakersRule {
  int id = 0;
  std::string counts;
  std::vector<std::string> models, families;
};

struct Table {
  std::vector<MakersRule> makers;
  std::vector<std::string> left, others;  // names
};

std::vector<std::string> texts(const toml::node_view<const toml::node>& list) {
  std::vector<std::string> all;
  if (const toml::array* array = list.as_array())
    for (const auto& entry : *array) all.push_back(entry.value_or(std::string()));
  return all;
}

Table parse() {
  Table table;
  const toml::table root = toml::parse(assay::embedded::smart_wear);
  for (const auto& node : *root["maker"].as_array()) {
    const toml::table& rule = *node.as_table();
    table.makers.push_back({rule["id"].value_or(0), rule["counts"].value_or(std::string()), texts(rule["models"]),
                            texts(rule["families"])});
  }
  table.left = texts(root["names"]["left"]);
  table.others = texts(root["names"]["others"]);
  return table;
}

const Table& table() {
  static const Table all = parse();
  return all;
}

bool is_one_of(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_made_by(const MakersRule& rule, const AtaDrive& drive, const Reading& reading) {
  const auto begins = [&](const std::string& start) { return reading.model.rfind(start, 0) == 0; };
  const auto is_of = [&](const std::string& family) { return drive.family.find(family) != std::string::npos; };
  return std::any_of(rule.models.begin(), rule.models.end(), begins) ||
         std::any_of(rule.families.begin(), rule.families.end(), is_of);
}

/// Three words of 16 bits, each a percentage with its hundredths in two bytes: by bytes written, by erase cycles, and
/// the worse of both.
std::optional<double> by_words(const Attribute& attribute) {
  const double raw = std::strtod(attribute.raw.c_str(), nullptr);
  if (!is_count(raw)) return std::nullopt;
  const auto bits = static_cast<uint64_t>(raw);
  const uint64_t written = bits >> 32 & 0xFFFF, erased = bits >> 16 & 0xFFFF, worse = bits & 0xFFFF;
  for (const uint64_t word : {written, erased, worse})
    if ((word & 0xFF) > 99) return std::nullopt;
  const auto percent = static_cast<int>(worse >> 8);
  const int shown = attribute.normalized;
  const bool agrees = shown == 100 || std::abs(shown - percent) <= 1 || std::abs(shown - (100 - percent)) <= 1;
  if (worse == 0 || worse != std::max(written, erased) || !agrees) return std::nullopt;
  return percent;
}

std::optional<double> used_by(const std::string& counts, const Attribute& attribute) {
  const int value = attribute.normalized;
  if (counts == "words") return by_words(attribute);
  if (value < 0 || value > 100) return std::nullopt;
  const double raw = std::strtod(attribute.raw.c_str(), nullptr);
  if (counts == "left") return 100 - value;
  if (counts == "raw-used" && raw >= 0 && raw <= 255 && std::max(0.0, 100 - raw) == value) return raw;
  if (counts == "left-twice" && value > 0 && raw == value) return 100 - value;
  return std::nullopt;
}

}  // namespace

bool speaks_of_wear(const std::string& name) {
  return is_one_of(table().left, name) || is_one_of(table().others, name);
}

void add_wear(const AtaDrive& drive, Reading& reading) {
  if (reading.drive == Drive::hdd || reading.has("ata.used")) return;
  std::optional<double> most;
  for (const Attribute& attribute : drive.attributes) {
    std::optional<double> used;
    for (const MakersRule& rule : table().makers)
      if (rule.id == attribute.id && is_made_by(rule, drive, reading) && !used) used = used_by(rule.counts, attribute);
    if (!used && is_one_of(table().left, attribute.name)) used = used_by("left-twice", attribute);
    if (used) most = std::max(most.value_or(0), *used);
    if (!used && speaks_of_wear(attribute.name) && attribute.normalized >= 0 && attribute.normalized <= 20)
      reading.facts["wear-unclear." + std::to_string(attribute.id)] = 1;
  }
  if (most) reading.facts["ata.used"] = *most;
}

}  // namespace smart
