// Well-known libraries at work, as data centres use them to find processors that compute wrongly: code that many
// machines run every day, whose results are known or can be checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace cpu {

/// What came out of a case on one core.
struct LibraryResult {
  std::string fault;  // what is wrong whatever other cores say; empty: nothing
  std::string bytes;  // must be the same on every core
};

/// Is given the bytes that the processor has made, before anything looks at them: the place to plant a fault.
using Touch = std::function<void(std::string& bytes)>;

struct LibraryCase {
  const char* name;
  const char* injection;  // the fault that `touch` plants for this case
  /// Same seed and index: same work. From any thread. Throws std::exception where there is no memory, or the library
  /// cannot do it at all: that says nothing of the core.
  LibraryResult (*run)(uint64_t seed, uint64_t index, const Touch& touch);
};

LibraryResult zlib_case(uint64_t seed, uint64_t index, const Touch& touch);
LibraryResult zstd_case(uint64_t seed, uint64_t index, const Touch& touch);
LibraryResult sha2_case(uint64_t seed, uint64_t index, const Touch& touch);
LibraryResult aes_case(uint64_t seed, uint64_t index, const Touch& touch);
LibraryResult product_case(uint64_t seed, uint64_t index, const Touch& touch);
LibraryResult singular_values_case(uint64_t seed, uint64_t index, const Touch& touch);

constexpr LibraryCase library_cases[] = {
    {"zlib, packed and unpacked", "flip-zlib", zlib_case},
    {"zstd, packed and unpacked", "flip-zstd", zstd_case},
    {"SHA-256 and SHA-512", "flip-sha2", sha2_case},
    {"AES-256, encrypted and decrypted", "flip-aes", aes_case},
    {"matrix product", "flip-product", product_case},
    {"singular values", "flip-singular-values", singular_values_case},
};
constexpr size_t library_case_count = sizeof library_cases / sizeof library_cases[0];

/// Where two results begin to differ: offset, and the bytes there. Empty when they are alike.
std::string first_difference(const std::string& expected, const std::string& actual);

/// Numbers for a seed and an index: the same on every core, no two the same.
class Numbers64 {
 public:
  Numbers64(uint64_t seed, uint64_t index) : state_(seed ^ index * 0x9E3779B97F4A7C15) {}
  /// splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
  uint64_t next() {
    uint64_t z = state_ += 0x9E3779B97F4A7C15;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    return z ^ z >> 31;
  }

 private:
  uint64_t state_;
};

}  // namespace cpu
