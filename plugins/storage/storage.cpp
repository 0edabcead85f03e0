// The plugin `storage`: its tests, and its kernels for assay-bench.
#include <assay/ext/bench.h>

#include <cstring>

#include "histogram.hpp"
#include "tests.hpp"

namespace {

void bench_call(void* state) {
  auto* histogram = static_cast<storage::Histogram*>(state);
  for (int i = 1; i <= 1000; ++i) histogram->add(1e-6 * i);
}
const assay_kernel kernel{sizeof(assay_kernel),
                          0,
                          "histogram/add",
                          1000,
                          0,
                          [] { return int32_t{1}; },
                          []() -> void* { return new storage::Histogram; },
                          bench_call,
                          [](void* state) { delete static_cast<storage::Histogram*>(state); }};
const assay_bench bench{sizeof(assay_bench), 1, &kernel};
const void* lookup(const char* id) { return std::strcmp(id, ASSAY_EXT_BENCH) == 0 ? &bench : nullptr; }

}  // namespace

ASSAY_PLUGIN_WITH(lookup, storage::LatencyTest, storage::SurfaceTest, storage::SmartTest, storage::SelfTest,
                  storage::VerifyTest, storage::CapacityTest, storage::FlushTest)
