// cpu.library: well-known libraries on every core at once; what has no known answer is compared between the cores.
#include <set>
#include <stdexcept>
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
    size_t wrong = 0;
    for (size_t place = 0; place < cores_.size(); ++place) {
      if (results_[place].fault.empty()) continue;
      ++wrong;
      tell({place}, results_[place].fault);
    }
    if (wrong > 0) return wrong;
    const std::vector<std::string> values = bytes_of(results_);
    const Blame verdict = blame(values, [&] { return bytes_of(compute(false)); });
    if (verdict.wrong.empty()) return 0;
    const char* how = !verdict.decided    ? " (which of these cores is wrong is not decided)"
                      : verdict.by_repeat ? " (asked again, it got another result, the others the same)"
                                          : " (the other cores agree)";
    tell(verdict.wrong, first_difference(values[verdict.sound], values[verdict.example]) + how);
    return verdict.wrong.size();
  }

 private:
  std::vector<LibraryResult> compute(bool plant) const {
    std::vector<LibraryResult> results(cores_.size());
    std::vector<std::string> troubles(cores_.size());
    run_on(cores_, [&](size_t place, Stay&) {
      const auto touch = [&](std::string& bytes) {
        if (plant && place + 1 == cores_.size() && trial_.injects(case_.injection)) bytes[bytes.size() / 2] ^= 4;
      };
      try {
        results[place] = case_.run(trial_.seed(), index_, touch);
      } catch (const std::exception& error) {
        troubles[place] = error.what();
      }
    });
    // No memory, or a library that is not whole: that is no fault of a core.
    for (const std::string& trouble : troubles)
      if (!trouble.empty()) throw std::runtime_error(std::string(case_.name) + ": " + trouble);
    return results;
  }

  static std::vector<std::string> bytes_of(const std::vector<LibraryResult>& results) {
    std::vector<std::string> values;
    for (const LibraryResult& result : results) values.push_back(result.bytes);
    return values;
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
      if (trial.should_stop() && index == 0) {
        if (wrong > 0) break;
        throw assay::Cancelled{};  // not every case had its turn
      }
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
