#include <emmintrin.h>

#include <cstring>

#include "fma_kernel.hpp"

namespace cpu {
namespace {
constexpr size_t LANES = 2;
using Vector = __m128d;
inline Vector broadcast(double value) { return _mm_set1_pd(value); }
inline Vector multiply_add(Vector a, Vector b, Vector c) { return _mm_add_pd(_mm_mul_pd(a, b), c); }
inline void store(double* out, Vector value) { _mm_storeu_pd(out, value); }
#include "fma_body.inc"
bool supported() { return true; }
}  // namespace

const FmaVariant fma_sse2{"sse2", LANES, false, run, supported};

const FmaVariant* const* fma_variants() {
  static const FmaVariant* const all[variant_count] = {&fma_avx512, &fma_avx2, &fma_sse2};
  return all;
}

const FmaVariant* find_variant(const char* name) {
  for (size_t i = 0; i < variant_count; ++i)
    if (std::strcmp(fma_variants()[i]->name, name) == 0) return fma_variants()[i];
  return nullptr;
}

}  // namespace cpu
