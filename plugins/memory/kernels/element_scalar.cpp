#include "element_kernel.hpp"
#include "march/element.hpp"

namespace memory {
namespace {

#define VECTORS 8
using Vector = uint64_t;
inline Vector load(const uint64_t* from) { return *from; }
inline void store(uint64_t* to, Vector value) { *to = value; }
inline bool differ(const Vector* a, const Vector* b) {
  Vector difference = 0;
  for (int i = 0; i < VECTORS; ++i) difference |= a[i] ^ b[i];
  return difference != 0;
}

#include "element_body.inc"

}  // namespace

const ElementKernel element_scalar{"scalar", [] { return true; }, &apply};

}  // namespace memory
