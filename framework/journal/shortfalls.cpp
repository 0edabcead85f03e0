#include <algorithm>

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

/// The share that was reached of a target; -1 where the test does not count it in percent, or never spoke.
double share(const std::vector<Coverage>& coverage, const Planned& planned) {
  double most = -1;
  for (const Coverage& c : coverage)
    if (c.test == planned.test && c.target.id == planned.target && c.unit == "%") most = std::max(most, c.value / 100);
  return most;
}

}  // namespace

void add_shortfalls(const Record& record, Conclusion& conclusion) {
  for (const Trial& trial : record.trials)
    if (const TestInfo* test = record.test(trial.start.test);
        test != nullptr && core::speaks_of_machine(trial.start.purpose) && spoke(trial))
      add_coverage(trial, *test, conclusion.coverage);
  for (const Planned& planned : record.start.planned) {
    const double reached = share(conclusion.coverage, planned);
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
