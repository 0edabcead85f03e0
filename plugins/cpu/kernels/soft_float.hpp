// IEEE 754 multiply-add worked out with integers alone, bit for bit as the processor must do it (round to nearest, ties
// to even): the reference of the floating-point kernels, made by other parts of the core than the ones under test.
#pragma once

#include <cstdint>

namespace cpu {

/// A binary format by its widths. Values travel as bit patterns.
struct Format {
  int fraction_bits, exponent_bits;
};
constexpr Format single{23, 8}, dual{52, 11};

/// What the processor does with numbers below the normal range (Intel SDM vol. 1, 10.2.3): keeps them, or takes and
/// gives zero (DAZ and FTZ).
enum class Denormals { kept, zero };

/// round(a * b + c), one rounding. The operands are finite.
uint64_t soft_fma(Format format, uint64_t a, uint64_t b, uint64_t c, Denormals denormals);
/// round(round(a * b) + c): what processors without fused multiply-add do.
uint64_t soft_multiply_then_add(Format format, uint64_t a, uint64_t b, uint64_t c, Denormals denormals);

}  // namespace cpu
