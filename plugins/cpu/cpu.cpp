// The plugin `cpu`: verified arithmetic, one core a trial. The runner has pinned the process to the core.
#include <assay/ext/bench.h>

#include <assay/plugin.hpp>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <vector>

#include "exact_fma.hpp"
#include "fma_kernel.hpp"
#include "integer_kernel.hpp"

namespace {

double seconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

uint64_t bits_of(double value) {
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

double flip_bit(double value, unsigned bit) {
  const uint64_t bits = bits_of(value) ^ uint64_t { 1 } << bit;
  double flipped = 0;
  std::memcpy(&flipped, &bits, sizeof flipped);
  return flipped;
}

/// Operands near one, with every bit of the fraction in use.
cpu::Operands operands_of(uint64_t seed) {
  const auto fraction = [&](uint64_t i) {
    return static_cast<double>(cpu::integer_operands(seed, i).a >> 11) * 0x1p-53;
  };
  cpu::Operands o{};
  o.up = 1.25 + 0.5 * fraction(0);
  o.add = 0.25 + 0.5 * fraction(1);
  o.down = 1 / o.up;
  o.subtract = -o.add / o.up;
  for (size_t c = 0; c < cpu::chains; ++c) o.start[c] = 1 + fraction(2 + c);
  return o;
}

constexpr size_t steps = 1000;
constexpr double operations_per_block(size_t lanes) { return 4.0 * static_cast<double>(steps * cpu::chains * lanes); }

/// The end value of each chain, without the floating-point unit.
std::vector<double> expected_ends(const cpu::Operands& o, bool fused) {
  std::vector<double> ends;
  for (const double start : o.start) {
    double value = start;
    for (size_t step = 0; step < steps; ++step) {
      value = fused ? cpu::exact_fma(value, o.up, o.add) : cpu::exact_fma(cpu::exact_multiply(value, o.up), 1, o.add);
      value = fused ? cpu::exact_fma(value, o.down, o.subtract)
                    : cpu::exact_fma(cpu::exact_multiply(value, o.down), 1, o.subtract);
    }
    ends.push_back(value);
  }
  return ends;
}

class Fma {
 public:
  static constexpr auto id = "cpu.fma";
  static constexpr auto binds = "core";
  static constexpr auto parameters = assay::names("duration", "instructions");
  static constexpr auto measurements = assay::names("wrong-results", "blocks", "speed");
  static constexpr auto injections = assay::names("flip-result", "flip-operand");

  void run(assay::Trial& trial) {
    const cpu::FmaVariant& variant = choose(trial.text("instructions"));
    const double duration = trial.real("duration");
    trial.breadcrumb(variant.name);
    const cpu::Operands operands = operands_of(trial.seed());
    const std::vector<double> expected = expected_ends(operands, variant.fused);
    std::vector<double> ends(cpu::chains * variant.lanes);

    const double start = seconds(CLOCK_MONOTONIC), cpu_start = seconds(CLOCK_THREAD_CPUTIME_ID);
    double blocks = 0;
    do {
      cpu::Operands used = operands;
      if (blocks == 0 && trial.injects("flip-operand")) used.start[5] = flip_bit(used.start[5], 17);
      variant.kernel(used, steps, ends.data());
      if (blocks == 0 && trial.injects("flip-result")) ends[7] = flip_bit(ends[7], 30);
      check(trial, variant, expected, ends, blocks);
      ++blocks;
    } while (!trial.should_stop() && seconds(CLOCK_MONOTONIC) - start < duration);
    const double cpu_seconds = seconds(CLOCK_THREAD_CPUTIME_ID) - cpu_start;

    if (wrong_ > 0) report(trial, variant);
    trial.measure("wrong-results", wrong_);
    trial.measure("blocks", blocks);
    trial.measure("speed", cpu_seconds > 0 ? blocks * operations_per_block(variant.lanes) / cpu_seconds * 1e-9 : 0);
  }

 private:
  static const cpu::FmaVariant& choose(const std::string& name) {
    if (name == "auto") {
      for (size_t i = 0; i < cpu::variant_count; ++i)
        if (cpu::fma_variants()[i]->supported()) return *cpu::fma_variants()[i];
    }
    const cpu::FmaVariant* found = cpu::find_variant(name.c_str());
    if (found == nullptr || !found->supported())
      throw assay::Skip{"not-supported", "this processor does not have " + name};
    return *found;
  }

  void check(const assay::Trial&, const cpu::FmaVariant& variant, const std::vector<double>& expected,
             const std::vector<double>& ends, double block) {
    for (size_t i = 0; i < ends.size(); ++i) {
      const uint64_t want = bits_of(expected[i / variant.lanes]), got = bits_of(ends[i]);
      if (want == got) continue;
      if (wrong_++ > 0) continue;
      char text[240];
      std::snprintf(text, sizeof text,
                    "chain %zu, lane %zu, block %.0f: expected %016llx, got %016llx, differing bits %016llx",
                    i / variant.lanes, i % variant.lanes, block, static_cast<unsigned long long>(want),
                    static_cast<unsigned long long>(got), static_cast<unsigned long long>(want ^ got));
      first_ = text;
    }
  }

  void report(const assay::Trial& trial, const cpu::FmaVariant& variant) const {
    trial.fail("wrong-result",
               "This core computed wrongly with " + std::string(variant.name) + ": " +
                   std::to_string(static_cast<long long>(wrong_)) + " wrong results. First: " + first_ + ".",
               trial.target());
  }

  double wrong_ = 0;
  std::string first_;
};

class Integer {
 public:
  static constexpr auto id = "cpu.integer";
  static constexpr auto binds = "core";
  static constexpr auto parameters = assay::names("duration");
  static constexpr auto measurements = assay::names("wrong-results", "rounds", "speed");
  static constexpr auto injections = assay::names("flip-product", "flip-remainder", "lose-carry");

  void run(assay::Trial& trial) {
    const double duration = trial.real("duration");
    trial.breadcrumb("integer");
    const double start = seconds(CLOCK_MONOTONIC), cpu_start = seconds(CLOCK_THREAD_CPUTIME_ID);
    uint64_t index = 0;
    double wrong = 0;
    do {
      for (int i = 0; i < 10'000; ++i, ++index) {
        const cpu::IntegerOperands operands = cpu::integer_operands(trial.seed(), index);
        cpu::IntegerResults results = cpu::integer_work(operands);
        if (index == 1234) inject(trial, results);
        const char* fault = cpu::integer_fault(operands, results);
        if (fault == nullptr) continue;
        if (wrong++ == 0)
          trial.fail("wrong-result",
                     std::string("This core computed wrongly: ") + fault + " in round " + std::to_string(index) + ".",
                     trial.target());
      }
    } while (!trial.should_stop() && seconds(CLOCK_MONOTONIC) - start < duration);
    const double cpu_seconds = seconds(CLOCK_THREAD_CPUTIME_ID) - cpu_start;
    trial.measure("wrong-results", wrong);
    trial.measure("rounds", static_cast<double>(index));
    trial.measure("speed", cpu_seconds > 0 ? static_cast<double>(index) / cpu_seconds * 1e-6 : 0);
  }

 private:
  static void inject(const assay::Trial& trial, cpu::IntegerResults& results) {
    if (trial.injects("flip-product")) results.product_high ^= 1;
    if (trial.injects("flip-remainder")) results.remainder ^= 2;
    if (trial.injects("lose-carry")) results.sum_high -= 1;
  }
};

// The kernels, bare, for assay-bench.
struct BenchState {
  cpu::Operands operands = operands_of(1);
  std::vector<double> ends = std::vector<double>(cpu::chains * cpu::most_lanes);
};

template <const cpu::FmaVariant& variant>
struct FmaBench {
  static int32_t supported() { return variant.supported() ? 1 : 0; }
  static void* set_up() { return new BenchState; }
  static void call(void* state) {
    auto* s = static_cast<BenchState*>(state);
    variant.kernel(s->operands, steps, s->ends.data());
  }
  static void tear_down(void* state) { delete static_cast<BenchState*>(state); }
};

void integer_call(void* state) {
  auto* index = static_cast<uint64_t*>(state);
  for (int i = 0; i < 1000; ++i) {
    const cpu::IntegerOperands operands = cpu::integer_operands(1, ++*index);
    const cpu::IntegerResults results = cpu::integer_work(operands);
    if (cpu::integer_fault(operands, results) != nullptr) *index = 0;
  }
}

template <const cpu::FmaVariant& variant, size_t lanes>
constexpr assay_kernel fma_kernel(const char* name) {
  using Bench = FmaBench<variant>;
  return {
      sizeof(assay_kernel), 0, name, operations_per_block(lanes), 0, &Bench::supported, &Bench::set_up, &Bench::call,
      &Bench::tear_down};
}

const assay_kernel kernels[] = {
    fma_kernel<cpu::fma_avx512, 8>("fma/avx512"),
    fma_kernel<cpu::fma_avx2, 4>("fma/avx2"),
    fma_kernel<cpu::fma_sse2, 2>("fma/sse2"),
    {sizeof(assay_kernel), 0, "integer", 1000, 0, [] { return int32_t{1}; }, []() -> void* { return new uint64_t{0}; },
     integer_call, [](void* state) { delete static_cast<uint64_t*>(state); }},
};
const assay_bench bench{sizeof(assay_bench), sizeof kernels / sizeof kernels[0], kernels};

const void* lookup(const char* id) { return std::strcmp(id, ASSAY_EXT_BENCH) == 0 ? &bench : nullptr; }

}  // namespace

ASSAY_PLUGIN_WITH(lookup, Fma, Integer)
