// cpu.library: well-known libraries on every core at once; what has no known answer is compared between the cores.
#include <set>
#include <string>
#include <vector>

#include "conditions.hpp"
#include "cores.hpp"
#include "library_cases.hpp"
#include "tests.hpp"
#include "timing.hpp"

namespace cpu {
namespace {

std::string list_of(const std::vector<int>& cores, const std::vector<size_t>& places) {
  std::set<int> named;
  for (const size_t place : places) named.insert(cores[place]);
  std::string text;
  for (const int core : named) text += (text.empty() ? "" : ", ") + std::to_string(core);
  return text;
}

/// One case on all cores at once, and who is to blame for what differs.
class Round {
 public:
  Round(const assay::Trial& trial, const std::vector<int>& cores, const LibraryCase& library_case, uint64_t index)
      : trial_(trial), cores_(cores), case_(library_case), index_(index), results_(compute(index == 0)) {}

  /// How many cores were wrong; each is told.
  size_t judge() const {
    std::vector<std::string> values;
    size_t wrong = 0;
    for (size_t place = 0; place < cores_.size(); ++place) {
      values.push_back(results_[place].bytes);
      if (results_[place].fault.empty()) continue;
      ++wrong;
      tell({place}, case_.name + std::string(": ") + results_[place].fault);
    }
    Vote verdict = vote(values);
    if (wrong > 0 || verdict.outvoted.empty()) return wrong;
    std::string decided_by = " (the other cores agree)";
    if (!verdict.decided) decided_by = ask_again(values, verdict);
    // Against what most got; where nobody knows, the last against the first.
    size_t sound = 0;
    while (verdict.decided && values[sound] == values[verdict.outvoted[0]]) ++sound;
    size_t other = verdict.outvoted[0];
    while (!verdict.decided && values[other] == values[sound]) ++other;
    tell(verdict.outvoted,
         case_.name + std::string(": ") + first_difference(values[sound], values[other]) + decided_by);
    return verdict.outvoted.size();
  }

 private:
  std::vector<LibraryResult> compute(bool plant) const {
    std::vector<LibraryResult> results(cores_.size());
    run_on(cores_, [&](size_t place) {
      const auto touch = [&](std::string& bytes) {
        if (plant && place + 1 == cores_.size() && trial_.injects(case_.injection)) bytes[bytes.size() / 2] ^= 4;
      };
      try {
        results[place] = case_.run(trial_.seed(), index_, touch);
      } catch (const std::exception& error) {
        results[place].fault = std::string("the library gave up: ") + error.what();
      }
    });
    return results;
  }

  /// No majority, as with two cores: each computes it some more times, and who does not agree with itself is wrong.
  std::string ask_again(const std::vector<std::string>& values, Vote& verdict) const {
    std::vector<bool> differs(cores_.size());
    for (int i = 0; i < 5; ++i) {
      const std::vector<LibraryResult> again = compute(false);
      for (size_t place = 0; place < cores_.size(); ++place)
        if (again[place].bytes != values[place]) differs[place] = true;
    }
    std::vector<size_t> inconsistent;
    for (size_t place = 0; place < cores_.size(); ++place)
      if (differs[place]) inconsistent.push_back(place);
    if (inconsistent.empty() || inconsistent.size() == cores_.size())
      return " (which of these cores is wrong is not decided)";
    verdict = {inconsistent, true};
    return " (asked again, it got another result, the others the same)";
  }

  void tell(const std::vector<size_t>& places, const std::string& what) const {
    const std::string which = list_of(cores_, places), at = conditions(cores_[places[0]]);
    trial_.fail("wrong-result",
                "Core " + which + " computed wrongly in round " + std::to_string(index_) +
                    (at.empty() ? "" : ", " + at) + ". " + what + ".",
                "core " + which);
  }

  const assay::Trial& trial_;
  const std::vector<int>& cores_;
  const LibraryCase& case_;
  uint64_t index_;
  std::vector<LibraryResult> results_;
};

}  // namespace

void LibraryTest::run(assay::Trial& trial) {
  std::vector<int> cores = usable_cores();
  if (cores.size() == 1) cores.push_back(cores[0]);  // it must at least agree with itself
  const double duration = trial.real("duration"), start = wall_seconds();
  double wrong = 0, rounds = 0;
  uint64_t index = 0;
  do {
    for (const LibraryCase& library_case : library_cases) {
      if (trial.should_stop() && index == 0) throw assay::Cancelled{};  // not every case had its turn
      trial.breadcrumb(library_case.name, index);
      const size_t found = Round(trial, cores, library_case, index).judge();
      wrong += static_cast<double>(found);
      ++rounds;
    }
    ++index;
  } while (wrong < 100 && !trial.should_stop() && wall_seconds() - start < duration);
  trial.measure("wrong-results", wrong);
  trial.measure("rounds", rounds);
}

}  // namespace cpu
