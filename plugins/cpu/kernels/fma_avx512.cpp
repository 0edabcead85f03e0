#include <immintrin.h>

#include "fma_kernel.hpp"

namespace cpu {
namespace {

bool supported() { return __builtin_cpu_supports("avx512f") != 0; }

namespace in_double {
using Number = double;
using Vector = __m512d;
constexpr size_t LANES = 8;
inline Vector load(const Number* from) { return _mm512_load_pd(from); }
inline void store(Number* to, Vector value) { _mm512_store_pd(to, value); }
inline Vector multiply_add(Vector a, Vector b, Vector c) { return _mm512_fmadd_pd(a, b, c); }
inline Vector multiply_subtract(Vector a, Vector b, Vector c) { return _mm512_fmsub_pd(a, b, c); }
#include "fma_body.inc"
}  // namespace in_double

namespace in_single {
using Number = float;
using Vector = __m512;
constexpr size_t LANES = 16;
inline Vector load(const Number* from) { return _mm512_load_ps(from); }
inline void store(Number* to, Vector value) { _mm512_store_ps(to, value); }
inline Vector multiply_add(Vector a, Vector b, Vector c) { return _mm512_fmadd_ps(a, b, c); }
inline Vector multiply_subtract(Vector a, Vector b, Vector c) { return _mm512_fmsub_ps(a, b, c); }
#include "fma_body.inc"
}  // namespace in_single

}  // namespace

const FmaVariant fma_avx512_double{
    "avx512", "double", dual, 8, true, supported, in_double::run_chains, in_double::run_elements};
const FmaVariant fma_avx512_single{
    "avx512", "single", single, 16, true, supported, in_single::run_chains, in_single::run_elements};

}  // namespace cpu
