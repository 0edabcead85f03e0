// assay-bench: times the kernels that plugins offer through assay.bench/1, the very code that their tests run.
// Arguments are Google Benchmark's; ASSAY_PLUGIN_PATH names other folders of plugins. Rates are per second of processor
// time, and each kernel also gives its best short burst, since a mean on a busy machine says nothing.
#include <assay/ext/bench.h>
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "kernels.hpp"

namespace {

double seconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

void time_kernel(benchmark::State& state, const assay_kernel* kernel) {
  void* work = kernel->set_up();
  double best = 1e9;
  for ([[maybe_unused]] auto _ : state) {
    const double start = seconds(CLOCK_MONOTONIC);
    kernel->call(work);
    best = std::min(best, seconds(CLOCK_MONOTONIC) - start);
  }
  kernel->tear_down(work);
  using benchmark::Counter;
  if (kernel->operations_per_call > 0) {
    state.counters["op/s"] = Counter(kernel->operations_per_call, Counter::kIsIterationInvariantRate);
    state.counters["burst op/s"] = Counter(kernel->operations_per_call / best);
  }
  if (kernel->bytes_per_call > 0) {
    state.counters["B/s"] = Counter(kernel->bytes_per_call, Counter::kIsIterationInvariantRate);
    state.counters["burst B/s"] = Counter(kernel->bytes_per_call / best);
  }
}

}  // namespace

int main(int count, char** arguments) {
  benchmark::Initialize(&count, arguments);
  if (benchmark::ReportUnrecognizedArguments(count, arguments)) return 2;
  for (const auto& [name, kernel] : assay::bench::load_kernels()) {
    if (kernel->supported() == 0) {
      std::printf("%s: this machine cannot run it\n", name.c_str());
      continue;
    }
    benchmark::RegisterBenchmark(name.c_str(), time_kernel, kernel)->MinTime(0.3);
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
