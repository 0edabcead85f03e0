// Multiply-adds at the full rate of the floating-point units, so that no wrong bit is lost before it is looked at.
//
// Chains: x <- x * m - a, with m a little above 1 and its fixed point a / (m - 1) near 1.5. As long as x stays between
// 1 and 2, two different numbers x come out more than one unit in the last place apart, so they never round to the
// same: an error, however small, is carried to the chain's end. (Without fused multiply-add the product is rounded
// first, by the same argument without loss.) m^steps is below e, so that a start within 0.09 of the fixed point keeps
// within 0.25 of it.
//
// Elements: a * b + c over arrays of numbers of the full range.
#pragma once

#include <cstddef>
#include <cstdint>

#include "soft_float.hpp"

namespace cpu {

constexpr size_t chains = 12;      // enough to fill two units of four to six cycles latency
constexpr size_t most_lanes = 16;  // numbers in the widest vector
constexpr size_t steps = 512;

struct FmaVariant {
  const char* instructions;  // avx512, avx2, sse2
  const char* precision;     // double, single
  Format format;
  size_t lanes;
  bool fused;  // one rounding per multiply-add (FMA), or two (SSE2 has no FMA)
  bool (*supported)();
  /// `multiplier` and `subtrahend` have `lanes` numbers, `start` and `end` chains * lanes. All as bit patterns of the
  /// format, aligned to 64 bytes.
  void (*run_chains)(const void* multiplier, const void* subtrahend, const void* start, void* end);
  /// out = a * b + c, `count` numbers each, a multiple of `lanes`.
  void (*run_elements)(const void* a, const void* b, const void* c, size_t count, void* out);

  size_t number_bytes() const { return format.exponent_bits == 8 ? 4 : 8; }
  /// Floating-point operations of one run_chains().
  double operations() const { return 2.0 * static_cast<double>(chains * lanes * steps); }
};

extern const FmaVariant fma_avx512_double, fma_avx512_single, fma_avx2_double, fma_avx2_single, fma_sse2_double,
    fma_sse2_single;

/// Widest first, double before single.
constexpr size_t variant_count = 6;
const FmaVariant* const* fma_variants();  // from the widest to the narrowest
/// Of those that this processor has.
const FmaVariant& widest_variant();
/// By its names; nullptr if there is none.
const FmaVariant* find_variant(const char* instructions, const char* precision);

}  // namespace cpu
