// What a multiply-add must give, worked out with integers alone, so that the reference does not come from the unit
// under test. For positive or negative normal numbers whose results are normal (IEEE 754-2019, round to nearest, ties
// to even).
#pragma once

namespace cpu {

/// a * b + c with one rounding.
double exact_fma(double a, double b, double c);
/// a * b with one rounding.
double exact_multiply(double a, double b);

}  // namespace cpu
