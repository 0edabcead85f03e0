#include "reports/live.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/json.hpp"
#include "core/text.hpp"
#include "inventory_facts.hpp"
#include "journal/conclusion.hpp"
#include "source.hpp"
#include "template.hpp"
#include "words.hpp"

namespace assay::embedded {
extern const char report_live[], report_style[], live_script[];
}

namespace assay::reports {
namespace {

using nlohmann::ordered_json;

constexpr size_t most_trials = 30, most_findings = 50;

ordered_json state_json(const State& state) { return {{"word", state.word}, {"mark", state.mark}}; }

std::string safe(const std::string& text) { return core::safe_text(text, 500); }

ordered_json trial_json(const Source& s, const journal::Trial& t) {
  const State state = t.end ? trial_state(t, s.l) : State{s.l.say("running"), "unclear"};
  std::string what = safe(s.test_and_target(t.start.test, t.start.target));
  if (!core::speaks_of_machine(t.start.purpose)) what = with_aside(what, purpose_words(t.start.purpose, s.l), s.l);
  return {{"id", safe(t.start.id)},
          {"what", what},
          {"time", t.end ? s.l.duration(t.end->seconds) : ""},
          {"state", state_json(state)}};
}

}  // namespace

std::string live_state(const std::string& folder, const journal::Record* record, const std::string& live,
                       const std::string& language) {
  ordered_json result{{"folder", safe(folder)}};
  const Language l(language);
  if (record == nullptr) {
    result["headline"] = l.say("This run has not begun yet.");
    result["state"] = state_json({l.say("Not tested"), "not-tested"});
    return result.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  }
  const journal::Conclusion conclusion = journal::conclude(*record);
  const journal::RunFiles none("");
  Extras extras;
  extras.language = language;
  const Source s(*record, conclusion, none, extras);
  const nlohmann::json now = core::json_or_null(live);
  result["machine"] = safe(core::trimmed(machine_text(*s.machine, "system", "product") + " " +
                                         machine_text(*s.machine, "system", "serial")));
  result["plan"] = safe(s.local(record->start.plan_title));
  result["finished"] = record->finished();
  // Until it has ended, a run says only what it has found: a pass is not one yet.
  const bool found = !conclusion.faults.empty();
  result["state"] = state_json(record->finished() ? state_of(conclusion.result, l)
                               : found            ? state_of(conclusion.faults.front().finding.severity, l)
                                                  : State{l.say("running"), "unclear"});
  result["headline"] = record->finished() ? l.say("The run has ended.")
                       : live.empty()     ? l.say("Nobody is running this now: it was cut off, or has just begun.")
                                          : safe(json_text(now, "stage"));
  if (record->start.rehearsal)
    result["headline"] =
        l.say("Rehearsal: a fault was simulated on purpose.") + " " + result["headline"].get<std::string>();
  result["doing"] = record->finished() ? "" : safe(json_text(now, "doing"));
  result["fraction"] = record->finished() ? 1 : std::clamp(json_number(now, "fraction"), 0.0, 1.0);
  result["left"] =
      record->finished() || live.empty() ? "" : l.duration(std::clamp(json_number(now, "seconds_left"), 0.0, 1e9));
  result["temperature"] =
      now.is_object() && now.contains("temperature") ? with_unit(json_number(now, "temperature"), "°C", l) : "";
  ordered_json findings = ordered_json::array(), trials = ordered_json::array();
  for (const auto& fault : conclusion.faults) {
    if (findings.size() == most_findings) break;
    findings.push_back({{"state", state_json(state_of(fault.finding.severity, l))},
                        {"title", safe(s.test_and_target(fault.test, fault.target))},
                        {"text", safe(fault.finding.text)}});
  }
  for (auto t = record->trials.rbegin(); t != record->trials.rend() && trials.size() < most_trials; ++t)
    trials.push_back(trial_json(s, *t));
  result["findings"] = findings;
  result["trials"] = trials;
  const auto ended =
      std::count_if(record->trials.begin(), record->trials.end(), [](const auto& t) { return t.end.has_value(); });
  result["count"] = l.say_n("{count} trial", "{count} trials", static_cast<long>(ended));
  return result.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

std::string live_page(const std::string& language) {
  const Language l(language);
  std::string page = in_words_of(embedded::report_live, l);
  page.replace(page.find("{{language}}"), 12, l.tag());
  return page;
}

std::string live_style() { return embedded::report_style; }

std::string live_script() { return embedded::live_script; }

}  // namespace assay::reports
