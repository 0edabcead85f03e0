#include "soft_float.hpp"

#include <algorithm>
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

int width(Wide value) {
  const auto high = static_cast<uint64_t>(value >> 64), low = static_cast<uint64_t>(value);
  return high != 0 ? 128 - __builtin_clzll(high) : low != 0 ? 64 - __builtin_clzll(low) : 0;
}

class Arithmetic {
 public:
  Arithmetic(Format format, Denormals denormals) : f_(format), denormals_(denormals) {}

  bool is_infinite(uint64_t bits) const { return exponent_field(bits) == most_exponent(); }

  Exact take_apart(uint64_t bits) const {
    const uint64_t fraction = bits & ((uint64_t{1} << f_.fraction_bits) - 1);
    const int field = exponent_field(bits);
    const bool negative = (bits & sign_bit()) != 0;
    if (field == 0) return {negative, denormals_ == Denormals::zero ? Wide{0} : Wide{fraction}, least_exponent()};
    return {negative, Wide{fraction | uint64_t{1} << f_.fraction_bits}, least_exponent() + field - 1};
  }

  /// Rounds. `sticky`: something nonzero lies below the magnitude.
  uint64_t put_together(const Exact& value, bool sticky) const {
    const uint64_t sign = value.negative ? sign_bit() : 0;
    if (value.magnitude == 0) return sign;
    // First as if there were no least exponent: what is tiny then is flushed, where that is asked for.
    const Exact unbounded = rounded(value, sticky, width(value.magnitude) - precision());
    const int top = unbounded.exponent + width(unbounded.magnitude);
    const bool tiny = top < least_exponent() + precision();
    if (tiny && denormals_ == Denormals::zero) return sign;
    const Exact result = tiny ? rounded(value, sticky, least_exponent() - value.exponent) : unbounded;
    if (result.magnitude == 0) return sign;
    Wide magnitude = result.magnitude;
    int exponent = result.exponent;
    if (const int up = exponent - least_exponent(); width(magnitude) < precision() && up > 0) {
      const int room = std::min(up, precision() - width(magnitude));
      magnitude <<= room;
      exponent -= room;
    }
    if (width(magnitude) < precision()) return sign | static_cast<uint64_t>(magnitude);
    const int field = exponent - least_exponent() + 1;
    if (field >= most_exponent()) return sign | static_cast<uint64_t>(most_exponent()) << f_.fraction_bits;
    return sign | static_cast<uint64_t>(field) << f_.fraction_bits |
           (static_cast<uint64_t>(magnitude) & ((uint64_t{1} << f_.fraction_bits) - 1));
  }

  static Exact multiply(const Exact& x, const Exact& y) {
    return {x.negative != y.negative, x.magnitude * y.magnitude, x.exponent + y.exponent};
  }

  /// The sum, with what does not fit below the magnitude told apart in `sticky`.
  static Exact add(Exact x, Exact y, bool& sticky) {
    if (x.magnitude == 0 && y.magnitude == 0) return {x.negative && y.negative, 0, 0};
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
    if (x.magnitude == y.magnitude) return {false, 0, 0};  // exact cancellation is +0
    if (x.magnitude < y.magnitude) return {y.negative, y.magnitude - x.magnitude, x.exponent};
    return {x.negative, x.magnitude - y.magnitude, x.exponent};
  }

 private:
  int precision() const { return f_.fraction_bits + 1; }
  int most_exponent() const { return (1 << f_.exponent_bits) - 1; }
  /// Of the last bit of the smallest numbers: -1074, -149.
  int least_exponent() const { return 2 - (1 << (f_.exponent_bits - 1)) - f_.fraction_bits; }
  uint64_t sign_bit() const { return uint64_t{1} << (f_.fraction_bits + f_.exponent_bits); }
  int exponent_field(uint64_t bits) const {
    return static_cast<int>(bits >> f_.fraction_bits & static_cast<uint64_t>(most_exponent()));
  }

  /// Takes `drop` bits off the end (adds them when it is negative), to nearest, ties to even.
  Exact rounded(Exact value, bool sticky, int drop) const {
    if (drop <= 0) {
      value.magnitude <<= -drop;
    } else if (drop > 127) {
      value.magnitude = 0;
    } else {
      const Wide half = Wide{1} << (drop - 1), rest = value.magnitude & ((Wide{1} << drop) - 1);
      value.magnitude >>= drop;
      const bool odd = (value.magnitude & 1) != 0;
      if (rest > half || (rest == half && (sticky || odd))) ++value.magnitude;
    }
    value.exponent += drop;
    if (width(value.magnitude) > precision()) value.magnitude >>= 1, ++value.exponent;
    return value;
  }

  Format f_;
  Denormals denormals_;
};

}  // namespace

uint64_t soft_fma(Format format, uint64_t a, uint64_t b, uint64_t c, Denormals denormals) {
  const Arithmetic arithmetic(format, denormals);
  bool sticky = false;
  const Exact product = Arithmetic::multiply(arithmetic.take_apart(a), arithmetic.take_apart(b));
  return arithmetic.put_together(Arithmetic::add(product, arithmetic.take_apart(c), sticky), sticky);
}

uint64_t soft_multiply_then_add(Format format, uint64_t a, uint64_t b, uint64_t c, Denormals denormals) {
  const Arithmetic arithmetic(format, denormals);
  const uint64_t product =
      arithmetic.put_together(Arithmetic::multiply(arithmetic.take_apart(a), arithmetic.take_apart(b)), false);
  if (arithmetic.is_infinite(product)) return product;
  bool sticky = false;
  return arithmetic.put_together(Arithmetic::add(arithmetic.take_apart(product), arithmetic.take_apart(c), sticky),
                                 sticky);
}

}  // namespace cpu
