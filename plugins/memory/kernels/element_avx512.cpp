#include <immintrin.h>

#include "element_kernel.hpp"
#include "march/element.hpp"

namespace memory {
namespace {

#define VECTORS 1
using Vector = __m512i;
inline Vector load(const uint64_t* from) { return _mm512_loadu_si512(from); }
inline void store(uint64_t* to, Vector value) { _mm512_storeu_si512(to, value); }
inline bool differ(const Vector* a, const Vector* b) { return _mm512_cmpneq_epi64_mask(a[0], b[0]) != 0; }

#include "element_body.inc"

}  // namespace

const ElementKernel element_avx512{"avx512", [] { return __builtin_cpu_supports("avx512f") != 0; }, &apply};

}  // namespace memory
