#include "looked_again.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "core/ranges.hpp"

namespace assay::reports {
namespace {

using Answer = LookedAgain::Answer;
using core::Result;

constexpr size_t most_ranges_file = 4 << 20;
constexpr double whole_percent = 99.9;  // the rest is what a device keeps for itself, and rounding

bool of_machine(const journal::Trial& trial) {
  return core::speaks_of_machine(trial.start.purpose) && trial.start.injection.empty();
}

bool shows(const journal::Trial& trial, const std::string& code) {
  return std::any_of(trial.findings.begin(), trial.findings.end(), [&](const core::Finding& finding) {
    return finding.code == code && finding.severity >= Result::marginal;
  });
}

/// Equal but for what `but` names. A parameter that only one side knows makes them unlike.
bool same_parameters(const core::Values& a, const core::Values& b, const std::vector<std::string>& but) {
  const auto matters = [&](const std::string& key) { return std::find(but.begin(), but.end(), key) == but.end(); };
  const auto in = [&](const core::Values& from, const core::Values& others) {
    return std::all_of(from.begin(), from.end(), [&](const auto& entry) {
      const auto found = others.find(entry.first);
      return !matters(entry.first) || (found != others.end() && found->second == entry.second);
    });
  };
  return in(a, b) && in(b, a);
}

bool watched_kernel(const journal::Record& record) {
  return std::none_of(record.errors.begin(), record.errors.end(),
                      [](const auto& error) { return error.symptom == "assay.no-kernel-log"; });
}

/// What the trials that could have shown the fault tested, all together.
struct Covered {
  std::map<std::string, core::Ranges> spaces;
  std::set<std::string> pieces;
  double percent = -1;  // the most of any trial; -1: the test does not count it

  void add(const journal::Trial& trial, const Compared& run, const journal::TestInfo* test) {
    pieces.insert(trial.covered_pieces.begin(), trial.covered_pieces.end());
    for (const auto& [space, file] : trial.covered_files)
      if (const auto text = run.files.text(file, most_ranges_file)) spaces[space].add_text(*text);
    if (test == nullptr) return;
    for (const auto& declared : test->measurements)
      for (const core::Measurement& m : trial.measurements)
        if (declared.coverage && declared.key == m.key && m.unit == "%") percent = std::max(percent, m.value);
  }

  bool has(const journal::Place& place) const {
    if (!place.piece.empty()) return pieces.count(place.piece) > 0;
    const auto found = spaces.find(place.space);
    return found != spaces.end() && found->second.contains(place.first, place.end);
  }
};

/// The trial that first showed a fault, and its run.
struct Shown {
  const Compared* run = nullptr;
  const journal::Trial* trial = nullptr;
};

Shown where_it_showed(const journal::Fault& fault, const std::vector<Compared>& side) {
  for (const Compared& run : side)
    for (const auto& trial : run.record.trials)
      if (trial.start.id == fault.trial && trial.start.test == fault.test && trial.start.seed == fault.seed &&
          trial.end)
        return {&run, &trial};
  return {};
}

/// The same plan, narrowed in the same way, for as long: what happens to no test in particular may need just that load.
bool same_work(const journal::RunStart& before, const journal::RunStart& after) {
  return before.plan_id == after.plan_id && before.narrowed == after.narrowed &&
         after.planned_seconds >= 0.99 * before.planned_seconds;
}

/// It belongs to no test: whole runs of the same plan that could have heard it.
LookedAgain in_runs(const journal::Fault& fault, const std::vector<Compared>& seen,
                    const std::vector<Compared>& other) {
  LookedAgain result;
  for (const Compared& run : other)
    for (const Compared& before : seen)
      if (run.conclusion.complete && same_work(before.record.start, run.record.start) &&
          (!is_kernel(fault) || watched_kernel(run.record))) {
        ++result.times;
        break;
      }
  result.answer = result.times > 0 ? Answer::looked : Answer::no_such_run;
  return result;
}

}  // namespace

std::string identity(const core::Target& target) {
  const std::string serial = target.attribute("serial");
  return serial.empty() ? target.id : target.kind + " " + serial;
}

std::vector<journal::Place> places_of(const journal::Fault& fault, const std::vector<Compared>& side) {
  std::vector<journal::Place> places;
  for (const Compared& run : side)
    for (const auto& trial : run.record.trials) {
      if (trial.start.test != fault.test || identity(trial.start.target) != identity(fault.target)) continue;
      if (!core::speaks_of_machine(trial.start.purpose)) continue;
      for (const auto& failed : trial.failed_places)
        if (failed.code == fault.finding.code) places.push_back(failed.place);
    }
  return places;
}

LookedAgain looked_again(const journal::Fault& fault, const std::vector<Compared>& seen,
                         const std::vector<Compared>& other) {
  if (fault.test.empty()) return in_runs(fault, seen, other);
  const journal::TestInfo* test = seen.front().record.test(fault.test);
  const std::vector<std::string> extent = test == nullptr ? std::vector<std::string>{"duration"} : test->extent;
  LookedAgain result;
  Covered covered;
  bool other_parameters = false;
  double seconds = 0;
  const Shown shown = where_it_showed(fault, seen);
  for (const Compared& run : other) {
    for (const auto& trial : run.record.trials) {
      if (trial.start.test != fault.test || identity(trial.start.target) != identity(fault.target)) continue;
      if (!journal::spoke(trial) || !of_machine(trial)) continue;
      if (!same_parameters(trial.start.parameters, fault.parameters, extent)) {
        other_parameters = true;
        continue;
      }
      covered.add(trial, run, run.record.test(fault.test));
      if (shows(trial, fault.finding.code)) continue;
      ++result.times;
      seconds += trial.end->seconds;
      // Beside the same other tests, as far as that can be told: in the same entry of the same plan.
      if (shown.run != nullptr && same_work(shown.run->record.start, run.record.start) &&
          trial.start.stage == shown.trial->start.stage && trial.start.entry == shown.trial->start.entry &&
          trial.start.seed == fault.seed && same_parameters(trial.start.parameters, fault.parameters, {}))
        ++result.same_recipe;
    }
  }
  result.percent = std::max(0.0, covered.percent);
  if (result.times == 0) return result.answer = other_parameters ? Answer::other_parameters : Answer::no_trial, result;
  const std::vector<journal::Place> places = places_of(fault, seen);
  result.places = places.size();
  result.places_reached = static_cast<size_t>(
      std::count_if(places.begin(), places.end(), [&](const journal::Place& place) { return covered.has(place); }));
  const bool whole = covered.percent < 0 || covered.percent >= whole_percent;
  if (!places.empty() && result.places_reached < places.size())
    result.answer = Answer::elsewhere;
  else if (places.empty() && !whole)
    result.answer = Answer::in_part;
  else if (places.empty() && shown.trial != nullptr && seconds < 0.99 * shown.trial->end->seconds)
    result.answer = Answer::too_short;
  else
    result.answer = Answer::looked;
  return result;
}

}  // namespace assay::reports
