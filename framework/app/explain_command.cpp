// assay plan explain.
#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>

#include "commands.hpp"
#include "core/text.hpp"
#include "needs_text.hpp"
#include "output.hpp"
#include "setup.hpp"

namespace assay::app {
namespace {

using nlohmann::json;

/// Each test once, with what it needs and who allows it.
std::vector<std::pair<std::string, std::string>> needs_of(const plan::ResolvedPlan& plan) {
  std::vector<std::pair<std::string, std::string>> lines;
  std::set<std::string> told;
  for (const auto& stage : plan.stages)
    for (const auto& trial : stage.trials)
      if (std::string line = needs_line(*trial.plugin, *trial.test);
          !line.empty() && told.insert(trial.test->id).second)
        lines.emplace_back(trial.test->id, line);
  return lines;
}

std::string trial_line(const plan::PlannedTrial& trial) {
  std::string parameters;
  for (const auto& [key, value] : trial.parameters) parameters += fmt::format(" {}={}", key, core::to_text(value));
  std::string what = trial.purpose == core::Purpose::control ? " (control)"
                     : trial.injection.empty()               ? ""
                                                             : " (simulated fault " + trial.injection + ")";
  return fmt::format("  {:<26} {:<22} {:>8} {}{}{}", trial.test->id, trial.target.id,
                     core::format_duration(trial.seconds), catalog::name(trial.test->effect), parameters, what);
}

json explain_json(const plan::ResolvedPlan& plan) {
  json stages = json::array();
  for (const auto& stage : plan.stages) {
    json trials = json::array();
    for (const auto& t : stage.trials) {
      json parameters = json::object();
      for (const auto& [key, value] : t.parameters)
        parameters[key] = std::visit([](const auto& v) { return json(v); }, value);
      trials.push_back({{"test", t.test->id},
                        {"target", t.target.id},
                        {"purpose", core::name(t.purpose)},
                        {"injection", t.injection},
                        {"seconds", t.seconds},
                        {"time_limit", t.time_limit},
                        {"effect", catalog::name(t.test->effect)},
                        {"required", t.required},
                        {"if_present", t.if_present},
                        {"least_coverage", t.least_coverage},
                        {"parameters", parameters}});
    }
    stages.push_back({{"id", stage.id},
                      {"parallel", stage.parallel},
                      {"soak", stage.soak},
                      {"repeat", stage.repeat},
                      {"seconds", stage.seconds},
                      {"trials", trials}});
  }
  json gaps = json::array();
  for (const auto& n : plan.not_tested)
    gaps.push_back({{"test", n.test},
                    {"target", n.target},
                    {"category", n.category},
                    {"reason", n.reason},
                    {"required", n.required},
                    {"operators", n.operators}});
  json needs = json::object();
  for (const auto& [test, line] : needs_of(plan)) needs[test] = line;
  return {{"plan", plan.id}, {"seconds", plan.seconds}, {"stages", stages}, {"needs", needs}, {"not_tested", gaps}};
}

}  // namespace

int explain_plan(const RunOptions& options) {
  const Setup setup = prepare(options, nullptr, false);
  if (options.json) return say_json(explain_json(setup.resolved)), 0;
  say("%s: about %s\n", core::in_language(setup.resolved.title, "en").c_str(),
      core::format_duration(setup.resolved.seconds).c_str());
  if (!setup.plan.description.empty()) say("%s\n", core::in_language(setup.plan.description, "en").c_str());
  for (const auto& stage : setup.resolved.stages) {
    if (stage.trials.empty()) continue;
    say("\n%s: about %s, %s%s%s\n", core::in_language(stage.title, "en").c_str(),
        core::format_duration(stage.seconds).c_str(), stage.parallel ? "all at once" : "one at a time",
        stage.soak ? ", sharing everything" : "", stage.repeat ? ", again and again" : "");
    for (const auto& trial : stage.trials) say("%s\n", trial_line(trial).c_str());
  }
  if (const auto needs = needs_of(setup.resolved); !needs.empty()) {
    say("\nWhat the tests need:\n");
    for (const auto& [test, line] : needs) say("  %-26s %s\n", test.c_str(), line.c_str());
  }
  say("\nWill not be tested:\n");
  for (const auto& n : setup.resolved.not_tested)
    say("  %-26s %s%s%s: %s%s\n", n.test.c_str(), n.target.c_str(), n.target.empty() ? "" : " ", n.category.c_str(),
        n.reason.c_str(),
        n.required    ? " (required: the run will be incomplete)"
        : n.operators ? " (the run will be incomplete, unless --allow-gaps accepts it)"
                      : "");
  if (setup.resolved.not_tested.empty()) say("  nothing of this plan\n");
  for (const std::string& hint : setup.resolved.hints) say("\n%s\n", hint.c_str());
  return 0;
}

}  // namespace assay::app
