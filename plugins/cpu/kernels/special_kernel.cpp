#include "special_kernel.hpp"

#include <cpuid.h>
#include <immintrin.h>

#include <cstring>

namespace cpu {
namespace {

/// Keeps the optimiser from working a value out beforehand.
uint64_t opaque(uint64_t value) {
  __asm__ volatile("" : "+r"(value));
  return value;
}

/// Makes one number of several, so that a wrong bit in any of them shows.
uint64_t mixed(uint64_t digest, uint64_t value) { return (digest ^ value) * 0x9E3779B97F4A7C15u + (digest >> 31); }

bool always() { return true; }

// CRC-32C (iSCSI, RFC 3720), polynomial 0x1EDC6F41, reflected.
bool has_crc() { return __builtin_cpu_supports("sse4.2") != 0; }
__attribute__((target("sse4.2"))) uint64_t crc(uint64_t a, uint64_t b) {
  uint64_t value = _mm_crc32_u64(a & 0xFFFFFFFF, b);
  value = _mm_crc32_u32(static_cast<uint32_t>(value), static_cast<uint32_t>(a >> 32));
  return _mm_crc32_u8(static_cast<uint32_t>(value), static_cast<uint8_t>(b));
}
uint32_t crc_step(uint32_t crc, uint64_t data, int bits) {
  for (int i = 0; i < bits; ++i) {
    const uint32_t low = (crc ^ static_cast<uint32_t>(data >> i)) & 1;
    crc = crc >> 1 ^ (low != 0 ? 0x82F63B78u : 0);
  }
  return crc;
}
uint64_t plain_crc(uint64_t a, uint64_t b) {
  uint32_t value = crc_step(static_cast<uint32_t>(a), b, 64);
  value = crc_step(value, a >> 32, 32);
  return crc_step(value, b & 0xFF, 8);
}

bool has_clmul() { return __builtin_cpu_supports("pclmul") != 0; }
__attribute__((target("pclmul,sse4.1"))) uint64_t clmul(uint64_t a, uint64_t b) {
  const __m128i product = _mm_clmulepi64_si128(_mm_set_epi64x(0, static_cast<long long>(a)),
                                               _mm_set_epi64x(0, static_cast<long long>(b)), 0);
  return mixed(static_cast<uint64_t>(_mm_extract_epi64(product, 0)),
               static_cast<uint64_t>(_mm_extract_epi64(product, 1)));
}
uint64_t plain_clmul(uint64_t a, uint64_t b) {
  uint64_t low = 0, high = 0;
  for (int i = 0; i < 64; ++i)
    if ((b >> i & 1) != 0) low ^= a << i, high ^= i == 0 ? 0 : a >> (64 - i);
  return mixed(low, high);
}

bool has_bmi2() { return __builtin_cpu_supports("bmi2") != 0; }
__attribute__((target("bmi2"))) uint64_t deposit(uint64_t a, uint64_t b) { return _pdep_u64(a, b); }
uint64_t plain_deposit(uint64_t a, uint64_t b) {
  uint64_t result = 0;
  for (int i = 0, next = 0; i < 64; ++i)
    if ((b >> i & 1) != 0) result |= (a >> next++ & 1) << i;
  return result;
}
__attribute__((target("bmi2"))) uint64_t extract(uint64_t a, uint64_t b) { return _pext_u64(a, b); }
uint64_t plain_extract(uint64_t a, uint64_t b) {
  uint64_t result = 0;
  for (int i = 0, next = 0; i < 64; ++i)
    if ((b >> i & 1) != 0) result |= (a >> i & 1) << next++;
  return result;
}

/// LZCNT has its own bit (CPUID 80000001h, ECX bit 5); without it the same bytes are another instruction.
bool has_counts() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid(0x80000001, &a, &b, &c, &d) != 0 && (c >> 5 & 1) != 0 && __builtin_cpu_supports("bmi") != 0;
}
__attribute__((target("lzcnt,bmi"))) uint64_t counts(uint64_t a, uint64_t b) {
  const uint64_t x = a >> (b & 63), y = a << (b & 63);
  return _lzcnt_u64(x) << 8 | _tzcnt_u64(y);
}
uint64_t plain_counts(uint64_t a, uint64_t b) {
  const uint64_t x = a >> (b & 63), y = a << (b & 63);
  uint64_t leading = 0, trailing = 0;
  while (leading < 64 && (x >> (63 - leading) & 1) == 0) ++leading;
  while (trailing < 64 && (y >> trailing & 1) == 0) ++trailing;
  return leading << 8 | trailing;
}

/// Words that the gather picks from: two pages, so that it crosses lines and a page.
struct Table {
  alignas(4096) uint64_t words[1024];
  Table() {
    for (uint64_t i = 0; i < 1024; ++i) words[i] = mixed(i, i << 40);
  }
};
const uint64_t* table() {
  static const Table all;
  return all.words;
}
bool has_gather() { return __builtin_cpu_supports("avx2") != 0; }
__attribute__((target("avx2"))) uint64_t gather(uint64_t a, uint64_t b) {
  const __m256i places = _mm256_set_epi64x(static_cast<long long>(a & 1023), static_cast<long long>(a >> 20 & 1023),
                                           static_cast<long long>(b & 1023), static_cast<long long>(b >> 20 & 1023));
  alignas(32) uint64_t picked[4];
  _mm256_store_si256(reinterpret_cast<__m256i*>(picked),
                     _mm256_i64gather_epi64(reinterpret_cast<const long long*>(table()), places, 8));
  return mixed(mixed(mixed(picked[3], picked[2]), picked[1]), picked[0]);
}
uint64_t plain_gather(uint64_t a, uint64_t b) {
  const uint64_t* words = table();
  return mixed(mixed(mixed(words[a & 1023], words[a >> 20 & 1023]), words[b & 1023]), words[b >> 20 & 1023]);
}

/// A sum and a difference of 256 bits, the carry going through all four words.
uint64_t carries(uint64_t a, uint64_t b) {
  const unsigned long long x[4] = {~a, ~uint64_t{0}, a, b}, y[4] = {a + (b & 1), 0, ~a, b >> 7};
  unsigned long long sum[4], difference[4];
  unsigned char carry = 0, borrow = 0;
  for (int i = 0; i < 4; ++i) carry = _addcarry_u64(carry, x[i], y[i], sum + i);
  for (int i = 0; i < 4; ++i) borrow = _subborrow_u64(borrow, x[i], y[i], difference + i);
  uint64_t digest = static_cast<uint64_t>(carry) << 1 | borrow;
  for (int i = 0; i < 4; ++i) digest = mixed(mixed(digest, sum[i]), difference[i]);
  return digest;
}
uint64_t plain_carries(uint64_t a, uint64_t b) {
  const uint64_t x[4] = {~a, ~uint64_t{0}, a, b}, y[4] = {a + (b & 1), 0, ~a, b >> 7};
  uint64_t sum[4], difference[4], carry = 0, borrow = 0;
  for (int i = 0; i < 4; ++i) {
    // Bit by bit of the halves, in 32 bits: no carry flag has a part in it.
    const uint64_t low = (x[i] & 0xFFFFFFFF) + (y[i] & 0xFFFFFFFF) + carry,
                   high = (x[i] >> 32) + (y[i] >> 32) + (low >> 32);
    sum[i] = high << 32 | (low & 0xFFFFFFFF);
    carry = high >> 32;
    const uint64_t less_low = (x[i] & 0xFFFFFFFF) - (y[i] & 0xFFFFFFFF) - borrow,
                   less_high = (x[i] >> 32) - (y[i] >> 32) - (less_low >> 63);
    difference[i] = less_high << 32 | (less_low & 0xFFFFFFFF);
    borrow = less_high >> 63;
  }
  uint64_t digest = carry << 1 | borrow;
  for (int i = 0; i < 4; ++i) digest = mixed(mixed(digest, sum[i]), difference[i]);
  return digest;
}

/// Stores a word, overwrites a part of it, and loads it back across both: the load is fed from the store buffer where
/// it can be. The place moves over the end of a line.
uint64_t forwarded(uint64_t a, uint64_t b) {
  alignas(64) unsigned char bytes[192] = {};
  const size_t at = opaque(a % 120);
  auto* place = bytes + at;
  std::memcpy(place, &a, 8);
  __asm__ volatile("" ::: "memory");
  const auto part = static_cast<uint32_t>(b);
  std::memcpy(place + 2, &part, 4);
  __asm__ volatile("" ::: "memory");
  uint64_t whole = 0, shifted = 0;
  std::memcpy(&whole, place, 8);
  std::memcpy(&shifted, place + 3, 8);
  return mixed(whole, shifted);
}
uint64_t plain_forwarded(uint64_t a, uint64_t b) {
  const uint64_t whole = (a & 0xFFFF00000000FFFFu) | (b & 0xFFFFFFFF) << 16;
  return mixed(whole, whole >> 24);
}

/// Loads of every width, from places that are not aligned, over the ends of lines and a page.
uint64_t unaligned(uint64_t a, uint64_t b) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(table());
  const size_t at = opaque(a % 8100);
  uint64_t wide = 0;
  uint32_t middle = 0;
  uint16_t narrow = 0;
  std::memcpy(&wide, bytes + at, 8);
  std::memcpy(&middle, bytes + at + b % 60, 4);
  std::memcpy(&narrow, bytes + at + b % 70, 2);
  return mixed(mixed(wide, middle), narrow);
}
uint64_t plain_unaligned(uint64_t a, uint64_t b) {
  const uint64_t* words = table();
  // From aligned words alone.
  const auto from = [&](size_t at, int count) {
    uint64_t value = 0;
    for (int i = 0; i < count; ++i) {
      const size_t place = at + static_cast<size_t>(i);
      value |= (words[place / 8] >> (place % 8 * 8) & 0xFF) << (i * 8);
    }
    return value;
  };
  const size_t at = a % 8100;
  return mixed(mixed(from(at, 8), from(at + b % 60, 4)), from(at + b % 70, 2));
}

}  // namespace

const SpecialCase special_cases[special_case_count] = {
    {"crc32", has_crc, crc, plain_crc},
    {"carry-less multiply", has_clmul, clmul, plain_clmul},
    {"bit deposit", has_bmi2, deposit, plain_deposit},
    {"bit extract", has_bmi2, extract, plain_extract},
    {"leading and trailing zeros", has_counts, counts, plain_counts},
    {"gather", has_gather, gather, plain_gather},
    {"carry chain", always, carries, plain_carries},
    {"store forwarding", always, forwarded, plain_forwarded},
    {"unaligned loads", always, unaligned, plain_unaligned},
};

}  // namespace cpu
