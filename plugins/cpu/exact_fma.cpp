#include "exact_fma.hpp"

#include <cstdint>
#include <cstring>
#include <utility>

namespace cpu {
namespace {

__extension__ using Wide = unsigned __int128;

/// sign * magnitude * 2^exponent, exactly.
struct Exact {
  bool negative;
  Wide magnitude;
  int exponent;
};

Exact take_apart(double value) {
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  const auto exponent = static_cast<int>(bits >> 52 & 0x7FF);
  const uint64_t fraction = bits & 0xFFFFFFFFFFFFF;
  return {(bits >> 63) != 0, exponent == 0 ? Wide{0} : Wide{fraction | uint64_t{1} << 52}, exponent - 1075};
}

int width(Wide value) {
  const auto high = static_cast<uint64_t>(value >> 64), low = static_cast<uint64_t>(value);
  return high != 0 ? 128 - __builtin_clzll(high) : low != 0 ? 64 - __builtin_clzll(low) : 0;
}

/// Rounds to 53 bits, to nearest, ties to even. `sticky`: something nonzero lies below the magnitude.
double put_together(Exact value, bool sticky) {
  if (value.magnitude == 0) return 0;
  const int drop = width(value.magnitude) - 53;
  if (drop <= 0) {
    value.magnitude <<= -drop;
  } else {
    const Wide half = Wide{1} << (drop - 1), rest = value.magnitude & ((Wide{1} << drop) - 1);
    value.magnitude >>= drop;
    const bool odd = (value.magnitude & 1) != 0;
    if (rest > half || (rest == half && (sticky || odd))) ++value.magnitude;
    if (width(value.magnitude) > 53) value.magnitude >>= 1, ++value.exponent;
  }
  const auto exponent = static_cast<uint64_t>(int64_t{value.exponent} + drop + 1075);
  const uint64_t bits = (value.negative ? uint64_t{1} << 63 : 0) | exponent << 52 |
                        (static_cast<uint64_t>(value.magnitude) & 0xFFFFFFFFFFFFF);
  double result = 0;
  std::memcpy(&result, &bits, sizeof result);
  return result;
}

Exact multiply(double a, double b) {
  const Exact x = take_apart(a), y = take_apart(b);
  return {x.negative != y.negative, x.magnitude * y.magnitude, x.exponent + y.exponent};
}

/// The sum, with what does not fit below the magnitude told apart in `sticky`.
Exact add(Exact x, Exact y, bool& sticky) {
  if (x.magnitude == 0) return y;
  if (y.magnitude == 0) return x;
  // Bring the one with the higher top bit up to 126 bits, then the other to the same exponent.
  if (x.exponent + width(x.magnitude) < y.exponent + width(y.magnitude)) std::swap(x, y);
  const int room = 126 - width(x.magnitude);
  x.magnitude <<= room;
  x.exponent -= room;
  const int shift = x.exponent - y.exponent;
  if (shift >= 128) {
    sticky = true;
    y.magnitude = 0;
  } else if (shift > 0) {
    sticky = (y.magnitude & ((Wide{1} << shift) - 1)) != 0;
    y.magnitude >>= shift;
  } else {
    y.magnitude <<= -shift;
  }
  if (x.negative == y.negative) return {x.negative, x.magnitude + y.magnitude, x.exponent};
  // A borrow from below: the true difference lies just under, and just above the next lower magnitude.
  if (sticky) y.magnitude += 1;
  if (x.magnitude < y.magnitude) return {y.negative, y.magnitude - x.magnitude, x.exponent};
  return {x.negative, x.magnitude - y.magnitude, x.exponent};
}

}  // namespace

double exact_fma(double a, double b, double c) {
  bool sticky = false;
  const Exact sum = add(multiply(a, b), take_apart(c), sticky);
  return put_together(sum, sticky);
}

double exact_multiply(double a, double b) { return put_together(multiply(a, b), false); }

}  // namespace cpu
