#include <immintrin.h>

#include "element_kernel.hpp"
#include "march/element.hpp"

namespace memory {
namespace {

#define VECTORS 2
using Vector = __m256i;
inline Vector load(const uint64_t* from) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)); }
inline void store(uint64_t* to, Vector value) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), value); }
inline bool differ(const Vector* a, const Vector* b) {
  const Vector difference = _mm256_or_si256(_mm256_xor_si256(a[0], b[0]), _mm256_xor_si256(a[1], b[1]));
  return _mm256_testz_si256(difference, difference) == 0;
}

#include "element_body.inc"

}  // namespace

const ElementKernel element_avx2{"avx2", [] { return __builtin_cpu_supports("avx2") != 0; }, &apply};

}  // namespace memory
