// The numbers below a count, each once, in an order that jumps about; needs no memory.
#pragma once

#include <cstdint>
#include <numeric>

#include "random.hpp"

namespace storage {

class Shuffle {
 public:
  Shuffle(uint64_t count, uint64_t seed) : count_(count) {
    Random random(seed);
    start_ = count > 0 ? random.next() % count : 0;
    // A step that shares no factor with the count meets every number.
    for (step_ = count > 2 ? count / 3 + random.next() % (count / 3 + 1) : 1; std::gcd(step_, count) != 1;) ++step_;
  }
  uint64_t count() const { return count_; }
  uint64_t operator[](uint64_t i) const {
    return static_cast<uint64_t>((static_cast<unsigned __int128>(i) * step_ + start_) % count_);
  }

 private:
  uint64_t count_, start_ = 0, step_ = 1;
};

}  // namespace storage
