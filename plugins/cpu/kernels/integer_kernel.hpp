// Integer work in which every result is checked by another way to the same number.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cpu {

/// The results of one round, so that a fault can be planted between the work and the check.
struct IntegerResults {
  uint64_t product_high, product_low, quotient, remainder, rotated, sum_low, sum_high, bits;
};

struct IntegerOperands {
  uint64_t a, b, c, d;
};

/// Multiply 64x64, divide, rotate, add with carry, population count.
IntegerResults integer_work(const IntegerOperands& operands);

/// The name of the first result that cannot be right, or nullptr. Uses other instructions than the work did.
const char* integer_fault(const IntegerOperands& operands, const IntegerResults& results);

/// Operands number `index` of a seed.
IntegerOperands integer_operands(uint64_t seed, uint64_t index);

}  // namespace cpu
