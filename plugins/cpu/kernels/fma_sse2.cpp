#include <emmintrin.h>

#include "fma_kernel.hpp"

namespace cpu {
namespace {

bool supported() { return true; }

namespace in_double {
using Number = double;
using Vector = __m128d;
constexpr size_t LANES = 2;
inline Vector load(const Number* from) { return _mm_load_pd(from); }
inline void store(Number* to, Vector value) { _mm_store_pd(to, value); }
inline Vector multiply_add(Vector a, Vector b, Vector c) { return _mm_add_pd(_mm_mul_pd(a, b), c); }
inline Vector multiply_subtract(Vector a, Vector b, Vector c) { return _mm_sub_pd(_mm_mul_pd(a, b), c); }
#include "fma_body.inc"
}  // namespace in_double

namespace in_single {
using Number = float;
using Vector = __m128;
constexpr size_t LANES = 4;
inline Vector load(const Number* from) { return _mm_load_ps(from); }
inline void store(Number* to, Vector value) { _mm_store_ps(to, value); }
inline Vector multiply_add(Vector a, Vector b, Vector c) { return _mm_add_ps(_mm_mul_ps(a, b), c); }
inline Vector multiply_subtract(Vector a, Vector b, Vector c) { return _mm_sub_ps(_mm_mul_ps(a, b), c); }
#include "fma_body.inc"
}  // namespace in_single

}  // namespace

const FmaVariant fma_sse2_double{
    "sse2", "double", dual, 2, false, supported, in_double::run_chains, in_double::run_elements};
const FmaVariant fma_sse2_single{
    "sse2", "single", single, 4, false, supported, in_single::run_chains, in_single::run_elements};

}  // namespace cpu
