#include "integer_kernel.hpp"

namespace cpu {
namespace {

__extension__ using Wide = unsigned __int128;

/// Keeps the optimiser from seeing through a value.
uint64_t opaque(uint64_t value) {
  __asm__ volatile("" : "+r"(value));
  return value;
}

uint64_t mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

/// The product from four 32-bit ones.
void schoolbook(uint64_t a, uint64_t b, uint64_t& high, uint64_t& low) {
  const uint64_t al = a & 0xFFFFFFFF, ah = a >> 32, bl = b & 0xFFFFFFFF, bh = b >> 32;
  const uint64_t ll = al * bl, lh = al * bh, hl = ah * bl, hh = ah * bh;
  const uint64_t middle = (ll >> 32) + (lh & 0xFFFFFFFF) + (hl & 0xFFFFFFFF);
  low = (ll & 0xFFFFFFFF) | middle << 32;
  high = hh + (lh >> 32) + (hl >> 32) + (middle >> 32);
}

uint64_t count_bits(uint64_t x) {
  x -= x >> 1 & 0x5555555555555555u;
  x = (x & 0x3333333333333333u) + (x >> 2 & 0x3333333333333333u);
  x = (x + (x >> 4)) & 0x0F0F0F0F0F0F0F0Fu;
  return x * 0x0101010101010101u >> 56;
}

}  // namespace

IntegerOperands integer_operands(uint64_t seed, uint64_t index) {
  const uint64_t base = seed + index * 0x9E3779B97F4A7C15u;
  // Divisors of every length, so that the divider takes its short and long ways.
  return {mix(base), mix(base + 1), mix(base + 2), (mix(base + 3) >> (index % 60)) | 1};
}

IntegerResults integer_work(const IntegerOperands& o) {
  const uint64_t a = opaque(o.a), b = opaque(o.b), c = opaque(o.c), d = opaque(o.d);
  const Wide product = Wide{a} * b;
  const Wide sum = (Wide{a} << 64 | b) + (Wide{c} << 64 | d);
  const unsigned turn = c & 63;
  return {static_cast<uint64_t>(product >> 64),
          static_cast<uint64_t>(product),
          c / d,
          c % d,
          a << turn | a >> (-turn & 63),
          static_cast<uint64_t>(sum),
          static_cast<uint64_t>(sum >> 64),
          static_cast<uint64_t>(__builtin_popcountll(a ^ b))};
}

const char* integer_fault(const IntegerOperands& o, const IntegerResults& given) {
  const uint64_t a = opaque(o.a), b = opaque(o.b), c = opaque(o.c), d = opaque(o.d);
  uint64_t high = 0, low = 0;
  schoolbook(a, b, high, low);
  if (given.product_high != high || given.product_low != low) return "multiply";
  if (given.remainder >= d || given.quotient * d + given.remainder != c) return "divide";
  const unsigned turn = c & 63;
  if ((given.rotated >> turn | given.rotated << (-turn & 63)) != a) return "rotate";
  const uint64_t sum_low = b + d;
  if (given.sum_low != sum_low || given.sum_high != a + c + (sum_low < b ? 1 : 0)) return "add-with-carry";
  if (given.bits != count_bits(a ^ b)) return "count-bits";
  return nullptr;
}

}  // namespace cpu
