#include "fma_work.hpp"

#include <immintrin.h>

#include <cmath>
#include <cstring>

#include "kernels/integer_kernel.hpp"

namespace cpu {
namespace {

uint64_t bits_of(Format format, double value) {
  if (format.exponent_bits == 8) {
    const auto narrow = static_cast<float>(value);
    uint32_t bits = 0;
    std::memcpy(&bits, &narrow, sizeof bits);
    return bits;
  }
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

/// Between 0 and 1; all bits of the fraction in use.
double unit(uint64_t seed, uint64_t index) {
  return static_cast<double>(integer_operands(seed, index).a >> 11) * 0x1p-53;
}

uint64_t negated(Format format, uint64_t bits) {
  return bits ^ uint64_t { 1 } << (format.fraction_bits + format.exponent_bits);
}

uint64_t reference(const FmaVariant& variant, uint64_t a, uint64_t b, uint64_t c, Denormals denormals) {
  return variant.fused ? soft_fma(variant.format, a, b, c, denormals)
                       : soft_multiply_then_add(variant.format, a, b, c, denormals);
}

/// Any finite number: every exponent, denormal ones and zero often enough to count.
uint64_t full_range(Format format, uint64_t seed, uint64_t index) {
  const IntegerOperands random = integer_operands(seed, index);
  const int bits = format.fraction_bits + format.exponent_bits + 1;
  const auto most = (uint64_t{1} << format.exponent_bits) - 1;
  uint64_t exponent = random.b % most;
  if (random.c % 8 == 0) exponent = 0;
  // Half of them of middle size, so that products do not only overflow or vanish.
  if (random.c % 2 == 1) exponent = most / 2 - 40 + random.b % 80;
  const uint64_t fraction = random.c % 64 == 0 ? 0 : random.a & ((uint64_t{1} << format.fraction_bits) - 1);
  return (random.a >> 63) << (bits - 1) | exponent << format.fraction_bits | fraction;
}

uint64_t mixed(uint64_t digest, uint64_t value) { return (digest ^ value) * 0x9E3779B97F4A7C15u + (digest >> 29); }

}  // namespace

Numbers::Numbers(Format format, size_t count)
    : size_(format.exponent_bits == 8 ? 4 : 8), count_(count), data_((count * size_ + 63) / 64) {}

uint64_t Numbers::get(size_t index) const {
  uint64_t bits = 0;
  std::memcpy(&bits, reinterpret_cast<const char*>(data_.data()) + index * size_, size_);
  return bits;
}

void Numbers::set(size_t index, uint64_t bits) {
  std::memcpy(reinterpret_cast<char*>(data_.data()) + index * size_, &bits, size_);
}

size_t Numbers::difference(const Numbers& other) const {
  if (std::memcmp(data_.data(), other.data_.data(), count_ * size_) == 0) return count_;
  size_t index = 0;
  while (index < count_ && get(index) == other.get(index)) ++index;
  return index;
}

ChainWork::ChainWork(const FmaVariant& variant, uint64_t seed)
    : multiplier(variant.format, variant.lanes),
      subtrahend(variant.format, variant.lanes),
      start(variant.format, chains * variant.lanes),
      expected(variant.format, chains * variant.lanes) {
  const Format format = variant.format;
  for (size_t lane = 0; lane < variant.lanes; ++lane) {
    // As the kernel's header asks: 1 + 2^-10 < m < 1 + 2^-9, fixed point 1.5.
    const double above_one = 0x1p-10 * (1 + unit(seed, lane));
    multiplier.set(lane, bits_of(format, 1 + above_one));
    subtrahend.set(lane, bits_of(format, 1.5 * above_one));
  }
  for (size_t i = 0; i < start.count(); ++i) {
    const size_t lane = i % variant.lanes;  // NOLINT(clang-analyzer-core.DivideZero): no variant has zero lanes
    uint64_t x = bits_of(format, 1.42 + 0.16 * unit(seed, 1000 + i));
    start.set(i, x);
    const uint64_t m = multiplier.get(lane), a = negated(format, subtrahend.get(lane));
    for (size_t step = 0; step < steps; ++step) x = reference(variant, x, m, a, Denormals::kept);
    expected.set(i, x);
  }
}

ElementWork::ElementWork(const FmaVariant& variant, uint64_t seed, Denormals treatment)
    : denormals(treatment),
      a(variant.format, count),
      b(variant.format, count),
      c(variant.format, count),
      expected(variant.format, count) {
  for (size_t i = 0; i < count; ++i) {
    a.set(i, full_range(variant.format, seed, 3 * i));
    b.set(i, full_range(variant.format, seed, 3 * i + 1));
    c.set(i, full_range(variant.format, seed, 3 * i + 2));
    expected.set(i, reference(variant, a.get(i), b.get(i), c.get(i), treatment));
  }
}

void run_elements(const FmaVariant& variant, const ElementWork& work, Numbers& out) {
  constexpr unsigned flush_to_zero = 0x8000, denormals_are_zero = 0x0040;
  const unsigned before = _mm_getcsr();
  if (work.denormals == Denormals::zero) _mm_setcsr(before | flush_to_zero | denormals_are_zero);
  variant.run_elements(work.a.data(), work.b.data(), work.c.data(), ElementWork::count, out.data());
  _mm_setcsr(before);
}

uint64_t digest_of_reference() {
  uint64_t digest = 0;
  for (const FmaVariant* variant : {&fma_sse2_double, &fma_sse2_single}) {
    const ChainWork work(*variant, 1);
    for (size_t i = 0; i < 4; ++i) digest = mixed(digest, work.expected.get(i));
  }
  for (const Denormals denormals : {Denormals::kept, Denormals::zero})
    for (const Format format : {dual, single})
      for (uint64_t i = 0; i < 64; ++i)
        digest = mixed(digest, soft_fma(format, full_range(format, 7, 3 * i), full_range(format, 7, 3 * i + 1),
                                        full_range(format, 7, 3 * i + 2), denormals));
  return digest;
}

}  // namespace cpu
