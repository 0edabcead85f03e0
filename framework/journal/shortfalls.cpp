#include <algorithm>
#include <map>
#include <set>

#include "conclusion_parts.hpp"

namespace assay::journal {
namespace {

void add_coverage(const Trial& trial, const TestInfo& test, std::vector<Coverage>& coverage) {
  for (const auto& declared : test.measurements) {
    if (!declared.coverage) continue;
    for (const core::Measurement& m : trial.measurements) {
      if (m.key != declared.key) continue;
      const auto found = std::find_if(coverage.begin(), coverage.end(), [&](const Coverage& c) {
        return c.test == test.id && c.key == m.key && c.target.id == trial.start.target.id;
      });
      if (found == coverage.end())
        coverage.push_back({test.id, m.key, m.unit, trial.start.target, declared.title, m.value});
      else
        found->value = std::max(found->value, m.value);
    }
  }
}

/// What trials of each recipe reached of each target, in percent, and which recipes an entry of the plan has.
class Reached {
 public:
  void add(const Trial& trial, const TestInfo& test) {
    const std::string recipe = recipe_of(trial, test), target = test.id + "|" + trial.start.target.id;
    for (const std::string& entry : {trial.start.stage + "|" + std::to_string(trial.start.entry), std::string("|0")})
      recipes_[target + "|" + entry].insert(recipe);
    for (const auto& declared : test.measurements)
      for (const core::Measurement& m : trial.measurements)
        if (declared.coverage && declared.key == m.key && m.unit == "%") {
          double& most = percent_.try_emplace(target + "|" + recipe, m.value).first->second;
          most = std::max(most, m.value);
        }
  }

  /// The share that an entry's own recipe reached, by whichever entry; -1 where the test does not count it in percent,
  /// or never spoke.
  double share(const Planned& planned) const {
    const std::string target = planned.test + "|" + planned.target;
    const auto recipes = recipes_.find(target + "|" + planned.stage + "|" + std::to_string(planned.entry));
    double least = -1;
    if (recipes == recipes_.end()) return least;
    for (const std::string& recipe : recipes->second)
      if (const auto found = percent_.find(target + "|" + recipe); found != percent_.end())
        least = least < 0 ? found->second / 100 : std::min(least, found->second / 100);
    return least;
  }

 private:
  std::map<std::string, std::set<std::string>> recipes_;  // by test, target, stage and entry
  std::map<std::string, double> percent_;                 // by test, target and recipe
};

}  // namespace

std::string recipe_of(const Trial& trial, const TestInfo& test) {
  std::string text;
  for (const auto& [key, value] : trial.start.parameters)
    if (std::find(test.extent.begin(), test.extent.end(), key) == test.extent.end())
      text += key + "=" + core::to_text(value) + "\n";
  return text;
}

void add_shortfalls(const Record& record, Conclusion& conclusion) {
  Reached all;
  for (const Trial& trial : record.trials)
    if (const TestInfo* test = record.test(trial.start.test);
        test != nullptr && core::speaks_of_machine(trial.start.purpose) && spoke(trial)) {
      add_coverage(trial, *test, conclusion.coverage);
      all.add(trial, *test);
    }
  for (const Planned& planned : record.start.planned) {
    const double reached = all.share(planned);
    // A hair's breadth less is what the arithmetic of a test may leave.
    if (reached < 0 || reached >= planned.least_coverage - 1e-6) continue;
    const auto known =
        std::find_if(conclusion.shortfalls.begin(), conclusion.shortfalls.end(),
                     [&](const Shortfall& s) { return s.test == planned.test && s.target.id == planned.target; });
    if (known != conclusion.shortfalls.end()) {
      known->least = std::max(known->least, planned.least_coverage);
      known->required = known->required || planned.required;
      continue;
    }
    for (const Coverage& c : conclusion.coverage)
      if (c.test == planned.test && c.target.id == planned.target) {
        conclusion.shortfalls.push_back({planned.test, c.target, reached, planned.least_coverage, planned.required});
        break;
      }
  }
}

}  // namespace assay::journal
