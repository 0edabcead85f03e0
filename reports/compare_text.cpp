// A comparison for a terminal, and for programs.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/text.hpp"
#include "language.hpp"
#include "reports/compare.hpp"

namespace assay::reports {
namespace {

const char* name(FindingChange::Kind kind) {
  switch (kind) {
    case FindingChange::Kind::still_there:
      return "still-there";
    case FindingChange::Kind::fresh:
      return "new";
    case FindingChange::Kind::gone:
      return "not-seen-again";
    case FindingChange::Kind::not_tested_again:
      return "not-tested-again";
  }
  return "";
}

const char* name(FigureChange::Kind kind) {
  switch (kind) {
    case FigureChange::Kind::higher:
      return "higher";
    case FigureChange::Kind::lower:
      return "lower";
    case FigureChange::Kind::same:
      return "same";
    case FigureChange::Kind::unclear:
      return "could-not-tell";
  }
  return "";
}

}  // namespace

std::string comparison_text(const ComparisonView& v) {
  const Language l(v.language);
  std::string out;
  const auto line = [&](const std::string& words) { out += core::safe_text(words, 4000) + "\n"; };
  const auto head = [&](const std::string& words) { out += "\n" + words + "\n"; };
  line(v.verdict.word + ": " + v.headline);
  for (const Fact& side : v.sides) line("  " + side.name + ": " + side.value);
  if (!v.conditions.empty()) head(l.say("What else differs"));
  for (const Fact& fact : v.conditions) line("  " + fact.name + ": " + fact.value);
  head(l.say("Findings"));
  if (v.findings.empty()) line("  " + l.say("No fault found."));
  for (const FindingChange& f : v.findings) {
    line("  " + f.state.word + ": " + f.title + ": " + f.seen);
    if (!f.text.empty()) line("    " + f.text);
  }
  if (!v.figures.empty()) head(l.say("Measurements"));
  for (const FigureChange& f : v.figures)
    line(fmt::format("  {} {} {}: {} -> {} ({}; {}; p {:.2g}; n {}, {}): {}", f.test, f.target, f.name, f.before,
                     f.after, f.change, f.interval, f.p, f.samples_before, f.samples_after, f.state.word));
  if (!v.figures.empty()) line("  " + v.method);
  if (!v.figures.empty() && !v.caution.empty()) line("  " + v.caution);
  head(l.say("Inventory"));
  if (v.inventory.empty()) line("  " + l.say("Nothing has changed."));
  for (const Fact& fact : v.inventory) line("  " + fact.name + ": " + fact.value);
  return out;
}

std::string comparison_json(const ComparisonView& v) {
  using nlohmann::ordered_json;
  ordered_json findings = ordered_json::array(), figures = ordered_json::array();
  const auto facts = [](const std::vector<Fact>& list) {
    ordered_json result = ordered_json::array();
    for (const Fact& fact : list) result.push_back({{"name", fact.name}, {"value", fact.value}});
    return result;
  };
  for (const FindingChange& f : v.findings)
    findings.push_back({{"change", name(f.kind)}, {"title", f.title}, {"text", f.text}, {"seen", f.seen}});
  for (const FigureChange& f : v.figures)
    figures.push_back({{"test", f.test},
                       {"target", f.target},
                       {"name", f.name},
                       {"before", f.before},
                       {"after", f.after},
                       {"change", f.change},
                       {"interval", f.interval},
                       {"p", f.p},
                       {"samples", {f.samples_before, f.samples_after}},
                       {"verdict", name(f.kind)}});
  return ordered_json{{"verdict", v.verdict.word},         {"headline", v.headline}, {"sides", facts(v.sides)},
                      {"conditions", facts(v.conditions)}, {"findings", findings},   {"figures", figures},
                      {"inventory", facts(v.inventory)},   {"method", v.method},     {"caution", v.caution}}
             .dump(2, ' ', false, ordered_json::error_handler_t::replace) +
         "\n";
}

}  // namespace assay::reports
