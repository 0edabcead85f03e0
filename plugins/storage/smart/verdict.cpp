#include "smart/verdict.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <set>

namespace assay::embedded {
extern const char smart_rules[];
}

namespace smart {
namespace {

struct Rule {
  std::string id, fact, says, text, advice, name, unless, kind;
  std::vector<std::string> drives;
  std::vector<int> only, except;
  double above = 0, up_to = std::numeric_limits<double>::infinity();
};

/// Two kinds of signs together say what each of them alone does not.
struct Combination {
  Rule says;
  std::vector<Rule> signs;
};

struct Rules {
  std::vector<Rule> alone;
  std::vector<Combination> together;
};

Rule rule_of(const toml::table& table) {
  const auto text = [&](const char* key) { return table[key].value_or(std::string()); };
  Rule rule{text("id"),
            text("fact"),
            text("says"),
            text("text"),
            text("advice"),
            text("name"),
            text("unless"),
            text("kind"),
            {},
            {},
            {}};
  if (rule.kind.empty()) rule.kind = rule.fact;
  rule.above = table["above"].value_or(0.0);
  rule.up_to = table["up-to"].value_or(rule.up_to);
  if (const auto* list = table["drives"].as_array())
    for (const auto& drive : *list) rule.drives.push_back(drive.value_or(std::string()));
  for (const auto& [key, ids] : {std::pair{"only", &rule.only}, std::pair{"except", &rule.except}})
    if (const auto* list = table[key].as_array())
      for (const auto& id : *list) ids->push_back(id.value_or(0));
  return rule;
}

Rules parse_rules() {
  Rules rules;
  const toml::table root = toml::parse(assay::embedded::smart_rules);
  for (const auto& node : *root["rule"].as_array()) rules.alone.push_back(rule_of(*node.as_table()));
  for (const auto& node : *root["combination"].as_array()) {
    Combination combination{rule_of(*node.as_table()), {}};
    for (const auto& sign : *(*node.as_table())["signs"].as_array())
      combination.signs.push_back(rule_of(*sign.as_table()));
    rules.together.push_back(combination);
  }
  return rules;
}

const Rules& rules() {
  static const Rules all = parse_rules();
  return all;
}

const char* name_of(Drive drive) {
  constexpr const char* names[] = {"unknown", "hdd", "ssd", "nvme", "scsi"};
  return names[static_cast<int>(drive)];
}

bool contains(const std::vector<int>& list, int value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

/// The number at the end of "attribute.197"; 0 where there is none.
int id_of(const std::string& fact) { return std::atoi(fact.c_str() + std::min(fact.size(), fact.rfind('.') + 1)); }

bool is_about(const Rule& rule, const std::string& fact) {
  if (rule.fact.back() != '*') return rule.fact == fact;
  if (fact.compare(0, rule.fact.size() - 1, rule.fact, 0, rule.fact.size() - 1) != 0) return false;
  const int id = id_of(fact);
  return !contains(rule.except, id) && (rule.only.empty() || contains(rule.only, id));
}

/// Makers give numbers meanings of their own; where smartctl does not know the drive, the usual meaning is taken.
bool name_fits(const Rule& rule, const std::string& name) {
  if (rule.name.empty() || name.empty() || name.rfind("Unknown", 0) == 0) return true;
  for (size_t start = 0; start <= rule.name.size();) {
    const size_t end = std::min(rule.name.find('|', start), rule.name.size());
    if (name.find(rule.name.substr(start, end - start)) != std::string::npos) return true;
    start = end + 1;
  }
  return false;
}

void replace(std::string& text, const std::string& what, const std::string& with) {
  for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
}

std::string number(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.0f", value);
  return text;
}

bool is_for(const Rule& rule, const Reading& reading) {
  return rule.drives.empty() ||
         std::find(rule.drives.begin(), rule.drives.end(), name_of(reading.drive)) != rule.drives.end();
}

std::string name_of(const std::string& fact, const Reading& reading) {
  const auto known = reading.names.find(fact);
  const auto by_id =
      known != reading.names.end() ? known : reading.names.find("attribute." + std::to_string(id_of(fact)));
  return by_id == reading.names.end() ? "" : by_id->second;
}

bool holds(const Rule& rule, const std::string& fact, double value, const Reading& reading) {
  return is_about(rule, fact) && value > rule.above && value <= rule.up_to &&
         (rule.unless.empty() || !reading.has(rule.unless)) && name_fits(rule, name_of(fact, reading));
}

Severity severity_of(const Rule& rule) {
  return rule.says == "fail" ? Severity::fail : rule.says == "marginal" ? Severity::marginal : Severity::note;
}

void apply(const Rule& rule, const Reading& reading, Verdict& verdict) {
  if (!is_for(rule, reading)) return;
  for (const auto& [fact, value] : reading.facts) {
    if (!holds(rule, fact, value, reading)) continue;
    Finding finding{severity_of(rule), rule.id, rule.text, rule.advice};
    replace(finding.text, "{lba}",
            reading.has("self-test.lba") ? ", last at block " + number(reading.value("self-test.lba")) : "");
    replace(finding.text, "{value}", number(value));
    replace(finding.text, "{spare}", number(reading.value("nvme.spare")));
    replace(finding.text, "{id}", std::to_string(id_of(fact)));
    replace(finding.text, "{name}", name_of(fact, reading));
    verdict.findings.push_back(finding);
  }
}

void apply(const Combination& combination, const Reading& reading, Verdict& verdict) {
  if (!is_for(combination.says, reading)) return;
  std::set<std::string> kinds;
  std::string signs;
  for (const Rule& sign : combination.signs) {
    const auto fact = reading.facts.find(sign.fact);
    if (fact == reading.facts.end() || !holds(sign, fact->first, fact->second, reading)) continue;
    kinds.insert(sign.kind);
    std::string text = sign.text;
    replace(text, "{value}", number(fact->second));
    signs += (signs.empty() ? "" : "; ") + text;
  }
  if (kinds.size() < 2) return;
  Finding finding{severity_of(combination.says), combination.says.id, combination.says.text, combination.says.advice};
  replace(finding.text, "{signs}", signs);
  verdict.findings.push_back(finding);
}

/// When there is no full reading.
const char* what_to_do(const Reading& reading) {
  const auto says = [&](const char* words) { return reading.problem.find(words) != std::string::npos; };
  if (says("ermission")) return "Run it again as root (sudo).";
  if (says("not installed")) return "Install it, and run this again.";
  if (says("does not answer")) return "Save the data first, if the drive lets you; check its cable and power.";
  if (says("USB") || says("detect device type") || says("could not read"))
    return "Connect the drive without a USB adapter, or try smartctl's option -d; read its surface instead.";
  return "Make the output again, all of it: smartctl --json -x DEVICE > FILE";
}

}  // namespace

const char* name(Result result) {
  constexpr const char* names[] = {"pass", "marginal", "fail", "inconclusive"};
  return names[static_cast<int>(result)];
}

const char* name(Severity severity) {
  constexpr const char* names[] = {"note", "marginal", "fail"};
  return names[static_cast<int>(severity)];
}

Result worst(const std::vector<Verdict>& verdicts) {
  // A marginal drive is evidence; one that says nothing keeps the others from being a pass.
  const auto rank = [](Result result) {
    return result == Result::fail ? 3 : result == Result::marginal ? 2 : result == Result::inconclusive ? 1 : 0;
  };
  Result found = verdicts.empty() ? Result::inconclusive : Result::pass;
  for (const Verdict& verdict : verdicts)
    if (rank(verdict.result) > rank(found)) found = verdict.result;
  return found;
}

Verdict judge(const Reading& reading) {
  Verdict verdict;
  for (const Combination& combination : rules().together) apply(combination, reading, verdict);
  for (const Rule& rule : rules().alone) apply(rule, reading, verdict);
  std::stable_sort(verdict.findings.begin(), verdict.findings.end(),
                   [](const Finding& a, const Finding& b) { return a.severity > b.severity; });
  const Severity worst = verdict.findings.empty() ? Severity::note : verdict.findings.front().severity;
  verdict.result = worst == Severity::fail       ? Result::fail
                   : worst == Severity::marginal ? Result::marginal
                   : reading.is_full()           ? Result::pass
                                                 : Result::inconclusive;
  if (!reading.is_full())
    verdict.findings.push_back(
        {Severity::note, "limited", "Little is known of this drive's health. " + reading.problem, what_to_do(reading)});
  return verdict;
}

}  // namespace smart
