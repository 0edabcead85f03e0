// cpu.integer: whole numbers, each result checked another way.
#include <sched.h>

#include <cstdio>
#include <string>

#include "conditions.hpp"
#include "kernels/integer_kernel.hpp"
#include "kernels/special_kernel.hpp"
#include "stay.hpp"
#include "tests.hpp"
#include "timing.hpp"

namespace cpu {
namespace {

unsigned long long plain(uint64_t value) { return value; }

void inject(const assay::Trial& trial, IntegerResults& results) {
  if (trial.injects("flip-product")) results.product_high ^= 1;
  if (trial.injects("flip-remainder")) results.remainder ^= 2;
  if (trial.injects("lose-carry")) results.sum_high -= 1;
}

std::string difference(uint64_t expected, uint64_t got) {
  char text[120];
  std::snprintf(text, sizeof text, ": expected %016llx, got %016llx, differing bits %016llx", plain(expected),
                plain(got), plain(expected ^ got));
  return text;
}

std::string operands_of(const IntegerOperands& operands) {
  char text[120];
  std::snprintf(text, sizeof text, " of %016llx, %016llx, %016llx, %016llx", plain(operands.a), plain(operands.b),
                plain(operands.c), plain(operands.d));
  return text;
}

}  // namespace

void IntegerTest::run(assay::Trial& trial) {
  const double duration = trial.real("duration");
  trial.breadcrumb("integer");
  Stay stay(core_number(trial.target_attribute("os_index")));
  const double start = wall_seconds(), cpu_start = cpu_seconds();
  uint64_t index = 0;
  double wrong = 0;
  std::string first;
  const auto tell = [&](const std::string& what) {
    if (wrong++ > 0) return;
    const std::string at = conditions(sched_getcpu());
    first = what + " in round " + std::to_string(index) + (at.empty() ? "" : ", " + at);
  };
  do {
    for (int i = 0; i < 10'000; ++i, ++index) {
      if (i % 256 == 0) stay.look();
      const IntegerOperands operands = integer_operands(trial.seed(), index);
      IntegerResults results = integer_work(operands);
      if (index == 1234) inject(trial, results);
      const char* fault = integer_fault(operands, results);
      if (fault != nullptr) tell(fault + operands_of(operands));
      if (index % 16 != 0) continue;
      const SpecialCase& special = special_cases[index / 16 % special_case_count];
      if (!special.supported()) continue;
      uint64_t got = special.special(operands.a, operands.b);
      if (index / 16 == special_case_count + 7 && trial.injects("flip-special")) got ^= 1;
      if (const uint64_t expected = special.plain(operands.a, operands.b); got != expected)
        tell(special.name + difference(expected, got));
    }
  } while (!stay.left() && !trial.should_stop() && wall_seconds() - start < duration);
  if (!stay.kept()) throw CoreGone(stay.core());
  const double took = cpu_seconds() - cpu_start;
  if (wrong > 0)
    trial.fail(
        "wrong-result",
        "This core computed wrongly, " + std::to_string(static_cast<uint64_t>(wrong)) + " times. First: " + first + ".",
        trial.target());
  trial.measure("wrong-results", wrong);
  trial.measure("rounds", static_cast<double>(index));
  trial.measure("speed", took > 0 ? static_cast<double>(index) / took * 1e-6 : 0);
}

}  // namespace cpu
