#include <cstring>

#include "fma_kernel.hpp"

namespace cpu {

const FmaVariant* const* fma_variants() {
  static const FmaVariant* const all[variant_count] = {&fma_avx512_double, &fma_avx512_single, &fma_avx2_double,
                                                       &fma_avx2_single,   &fma_sse2_double,   &fma_sse2_single};
  return all;
}

const FmaVariant& widest_variant() {
  for (size_t i = 0; i < variant_count; ++i)
    if (fma_variants()[i]->supported()) return *fma_variants()[i];
  return fma_sse2_double;
}

const FmaVariant* find_variant(const char* instructions, const char* precision) {
  for (size_t i = 0; i < variant_count; ++i) {
    const FmaVariant* variant = fma_variants()[i];
    if (std::strcmp(variant->instructions, instructions) == 0 && std::strcmp(variant->precision, precision) == 0)
      return variant;
  }
  return nullptr;
}

}  // namespace cpu
