// A block of fused multiply-adds: `chains` independent chains per lane, each neutral in size (times m, plus a; times
// 1/m, minus a/m), so that a wrong bit is not damped away before it is looked at.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cpu {

constexpr size_t chains = 12;     // enough to fill two units of four to six cycles latency
constexpr size_t most_lanes = 8;  // doubles in the widest vector

/// The operands of a block, the same in every lane. Doubles.
struct Operands {
  double up, add, down, subtract;
  double start[chains];
};

/// Runs `steps` pairs of multiply-adds on every chain; `out` gets chains * lanes end values, lane by lane within a
/// chain.
using FmaKernel = void (*)(const Operands& operands, size_t steps, double* out);

struct FmaVariant {
  const char* name;
  size_t lanes;
  bool fused;  // one rounding per multiply-add (FMA), or two (SSE2 has no FMA)
  FmaKernel kernel;
  bool (*supported)();
};

extern const FmaVariant fma_avx512, fma_avx2, fma_sse2;

/// Widest first.
constexpr size_t variant_count = 3;
const FmaVariant* const* fma_variants();
/// By name; nullptr if there is none.
const FmaVariant* find_variant(const char* name);

}  // namespace cpu
