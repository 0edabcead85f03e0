// cpu.integer: whole numbers, each result checked another way.
#include <string>

#include "kernels/integer_kernel.hpp"
#include "kernels/special_kernel.hpp"
#include "tests.hpp"
#include "timing.hpp"

namespace cpu {
namespace {

void inject(const assay::Trial& trial, IntegerResults& results) {
  if (trial.injects("flip-product")) results.product_high ^= 1;
  if (trial.injects("flip-remainder")) results.remainder ^= 2;
  if (trial.injects("lose-carry")) results.sum_high -= 1;
}

}  // namespace

void IntegerTest::run(assay::Trial& trial) {
  const double duration = trial.real("duration");
  trial.breadcrumb("integer");
  const double start = wall_seconds(), cpu_start = cpu_seconds();
  uint64_t index = 0;
  double wrong = 0;
  const auto tell = [&](const char* what) {
    if (wrong++ == 0)
      trial.fail("wrong-result",
                 std::string("This core computed wrongly: ") + what + " in round " + std::to_string(index) + ".",
                 trial.target());
  };
  do {
    for (int i = 0; i < 10'000; ++i, ++index) {
      const IntegerOperands operands = integer_operands(trial.seed(), index);
      IntegerResults results = integer_work(operands);
      if (index == 1234) inject(trial, results);
      const char* fault = integer_fault(operands, results);
      if (fault != nullptr) tell(fault);
      if (index % 16 != 0) continue;
      const SpecialCase& special = special_cases[index / 16 % special_case_count];
      if (!special.supported()) continue;
      uint64_t got = special.special(operands.a, operands.b);
      if (index / 16 == special_case_count + 7 && trial.injects("flip-special")) got ^= 1;
      if (got != special.plain(operands.a, operands.b)) tell(special.name);
    }
  } while (!trial.should_stop() && wall_seconds() - start < duration);
  const double took = cpu_seconds() - cpu_start;
  trial.measure("wrong-results", wrong);
  trial.measure("rounds", static_cast<double>(index));
  trial.measure("speed", took > 0 ? static_cast<double>(index) / took * 1e-6 : 0);
}

}  // namespace cpu
