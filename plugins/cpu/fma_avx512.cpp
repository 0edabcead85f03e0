#include <immintrin.h>

#include "fma_kernel.hpp"

namespace cpu {
namespace {
constexpr size_t LANES = 8;
using Vector = __m512d;
inline Vector broadcast(double value) { return _mm512_set1_pd(value); }
inline Vector multiply_add(Vector a, Vector b, Vector c) { return _mm512_fmadd_pd(a, b, c); }
inline void store(double* out, Vector value) { _mm512_storeu_pd(out, value); }
#include "fma_body.inc"
bool supported() { return __builtin_cpu_supports("avx512f") != 0; }
}  // namespace
const FmaVariant fma_avx512{"avx512", LANES, true, run, supported};
}  // namespace cpu
