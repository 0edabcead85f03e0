#include "plain_loops.hpp"

#include <immintrin.h>

namespace assay::bench {
namespace {

__attribute__((target("avx512f"))) uint64_t avx512(void* buffer, size_t bytes) {
  auto* at = static_cast<__m512i*>(buffer);
  __m512i all = _mm512_setzero_si512();
  for (size_t i = 0; i < bytes / 64; ++i) {
    all = _mm512_or_si512(all, _mm512_load_si512(at + i));
    _mm512_store_si512(at + i, _mm512_setzero_si512());
  }
  alignas(64) uint64_t words[8];
  _mm512_store_si512(words, all);
  return words[0] | words[7];
}

__attribute__((target("avx2"))) uint64_t avx2(void* buffer, size_t bytes) {
  auto* at = static_cast<__m256i*>(buffer);
  __m256i all = _mm256_setzero_si256();
  for (size_t i = 0; i < bytes / 32; i += 2) {
    all = _mm256_or_si256(all, _mm256_or_si256(_mm256_load_si256(at + i), _mm256_load_si256(at + i + 1)));
    _mm256_store_si256(at + i, _mm256_setzero_si256());
    _mm256_store_si256(at + i + 1, _mm256_setzero_si256());
  }
  alignas(32) uint64_t words[4];
  _mm256_store_si256(reinterpret_cast<__m256i*>(words), all);
  return words[0] | words[3];
}

uint64_t scalar(void* buffer, size_t bytes) {
  auto* at = static_cast<volatile uint64_t*>(buffer);
  uint64_t all = 0;
  for (size_t i = 0; i < bytes / 8; ++i) {
    all |= at[i];
    at[i] = 0;
  }
  return all;
}

}  // namespace

const PlainLoop plain_loops[plain_loop_count] = {
    {"avx512", [] { return __builtin_cpu_supports("avx512f") != 0; }, avx512},
    {"avx2", [] { return __builtin_cpu_supports("avx2") != 0; }, avx2},
    {"scalar", [] { return true; }, scalar},
};

}  // namespace assay::bench
