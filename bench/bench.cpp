// assay-bench: times the kernels that plugins offer through assay.bench/1, the very code that their tests run.
// Arguments are Google Benchmark's; ASSAY_PLUGIN_PATH names other folders of plugins. Rates are per second of processor
// time, and each kernel also gives its best short burst, since a mean on a busy machine says nothing.
#include <assay/ext/bench.h>
#include <benchmark/benchmark.h>

#include <algorithm>
#include <boost/dll/shared_library.hpp>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <vector>

#include "catalog/catalog.hpp"

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

std::vector<std::string> folders() {
  const char* path = std::getenv("ASSAY_PLUGIN_PATH");
  return {path != nullptr && *path != '\0' ? path : ASSAY_PLUGIN_FOLDER};
}

}  // namespace

int main(int count, char** arguments) {
  benchmark::Initialize(&count, arguments);
  if (benchmark::ReportUnrecognizedArguments(count, arguments)) return 2;
  // Kept open to the end: the kernels live in them.
  static std::vector<std::unique_ptr<boost::dll::shared_library>> libraries;
  namespace dll = boost::dll;
  const auto catalog = assay::catalog::Catalog::load(folders());
  for (const auto& plugin : catalog.plugins()) {
    libraries.push_back(
        std::make_unique<dll::shared_library>(plugin.path, dll::load_mode::rtld_now | dll::load_mode::rtld_local));
    const auto& entry = libraries.back()->get<const assay_entry>("assay_entry_v1");
    const auto* bench = static_cast<const assay_bench*>(entry.get_factory(ASSAY_EXT_BENCH));
    for (uint32_t i = 0; bench != nullptr && i < bench->count; ++i) {
      const assay_kernel* kernel = bench->kernels + i;
      if (kernel->supported() == 0) {
        std::printf("%s/%s: this machine cannot run it\n", plugin.manifest.id.c_str(), kernel->name);
        continue;
      }
      benchmark::RegisterBenchmark((plugin.manifest.id + "/" + kernel->name).c_str(), time_kernel, kernel)
          ->MinTime(0.3);
    }
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
