#include <immintrin.h>

#include "fma_kernel.hpp"

namespace cpu {
namespace {

bool supported() { return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0; }

namespace in_double {
using Number = double;
using Vector = __m256d;
constexpr size_t LANES = 4;
inline Vector load(const Number* from) { return _mm256_load_pd(from); }
inline void store(Number* to, Vector value) { _mm256_store_pd(to, value); }
inline Vector multiply_add(Vector a, Vector b, Vector c) { return _mm256_fmadd_pd(a, b, c); }
inline Vector multiply_subtract(Vector a, Vector b, Vector c) { return _mm256_fmsub_pd(a, b, c); }
#include "fma_body.inc"
}  // namespace in_double

namespace in_single {
using Number = float;
using Vector = __m256;
constexpr size_t LANES = 8;
inline Vector load(const Number* from) { return _mm256_load_ps(from); }
inline void store(Number* to, Vector value) { _mm256_store_ps(to, value); }
inline Vector multiply_add(Vector a, Vector b, Vector c) { return _mm256_fmadd_ps(a, b, c); }
inline Vector multiply_subtract(Vector a, Vector b, Vector c) { return _mm256_fmsub_ps(a, b, c); }
#include "fma_body.inc"
}  // namespace in_single

}  // namespace

const FmaVariant fma_avx2_double{
    "avx2", "double", dual, 4, true, supported, in_double::run_chains, in_double::run_elements};
const FmaVariant fma_avx2_single{
    "avx2", "single", single, 8, true, supported, in_single::run_chains, in_single::run_elements};

}  // namespace cpu
