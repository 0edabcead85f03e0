// The plugin `cpu`: its tests, and its kernels for assay-bench.
#include <assay/ext/bench.h>

#include <assay/plugin.hpp>
#include <cstring>

#include "fma_work.hpp"
#include "kernels/integer_kernel.hpp"
#include "tests.hpp"

namespace {

using cpu::FmaVariant;

template <const FmaVariant& variant>
struct FmaBench {
  cpu::ChainWork work{variant, 1};
  cpu::Numbers ends{variant.format, cpu::chains* variant.lanes};

  static int32_t supported() { return variant.supported() ? 1 : 0; }
  static void* set_up() { return new FmaBench; }
  static void call(void* state) {
    auto* s = static_cast<FmaBench*>(state);
    variant.run_chains(s->work.multiplier.data(), s->work.subtrahend.data(), s->work.start.data(), s->ends.data());
  }
  static void tear_down(void* state) { delete static_cast<FmaBench*>(state); }
};

template <const FmaVariant& variant>
constexpr assay_kernel fma_bench(const char* name, double lanes) {
  using Bench = FmaBench<variant>;
  return {sizeof(assay_kernel),
          0,
          name,
          2 * lanes * cpu::chains * cpu::steps,
          0,
          &Bench::supported,
          &Bench::set_up,
          &Bench::call,
          &Bench::tear_down};
}

void integer_call(void* state) {
  auto* index = static_cast<uint64_t*>(state);
  for (int i = 0; i < 1000; ++i) {
    const cpu::IntegerOperands operands = cpu::integer_operands(1, ++*index);
    const cpu::IntegerResults results = cpu::integer_work(operands);
    if (cpu::integer_fault(operands, results) != nullptr) *index = 0;
  }
}

const assay_kernel kernels[] = {
    fma_bench<cpu::fma_avx512_double>("fma/avx512/double", 8),
    fma_bench<cpu::fma_avx512_single>("fma/avx512/single", 16),
    fma_bench<cpu::fma_avx2_double>("fma/avx2/double", 4),
    fma_bench<cpu::fma_avx2_single>("fma/avx2/single", 8),
    fma_bench<cpu::fma_sse2_double>("fma/sse2/double", 2),
    fma_bench<cpu::fma_sse2_single>("fma/sse2/single", 4),
    {sizeof(assay_kernel), 0, "integer", 1000, 0, [] { return int32_t{1}; }, []() -> void* { return new uint64_t{0}; },
     integer_call, [](void* state) { delete static_cast<uint64_t*>(state); }},
};
const assay_bench bench{sizeof(assay_bench), sizeof kernels / sizeof kernels[0], kernels};

const void* lookup(const char* id) { return std::strcmp(id, ASSAY_EXT_BENCH) == 0 ? &bench : nullptr; }

}  // namespace

ASSAY_PLUGIN_WITH(lookup, cpu::FmaTest, cpu::IntegerTest, cpu::LibraryTest, cpu::CoherenceTest, cpu::TransitionTest,
                  cpu::ClockTest)
