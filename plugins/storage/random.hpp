// Numbers for a seed.
#pragma once

#include <cstdint>

namespace storage {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  /// splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
  uint64_t next() {
    uint64_t x = state_ += 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
  }

 private:
  uint64_t state_;
};

}  // namespace storage
