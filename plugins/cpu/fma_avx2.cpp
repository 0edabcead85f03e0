#include <immintrin.h>

#include "fma_kernel.hpp"

namespace cpu {
namespace {
constexpr size_t LANES = 4;
using Vector = __m256d;
inline Vector broadcast(double value) { return _mm256_set1_pd(value); }
inline Vector multiply_add(Vector a, Vector b, Vector c) { return _mm256_fmadd_pd(a, b, c); }
inline void store(double* out, Vector value) { _mm256_storeu_pd(out, value); }
#include "fma_body.inc"
bool supported() { return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0; }
}  // namespace
const FmaVariant fma_avx2{"avx2", LANES, true, run, supported};
}  // namespace cpu
