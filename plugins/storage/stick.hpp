// A device whose size is in question.
#pragma once

#include <assay/plugin.hpp>
#include <cstring>

#include "medium.hpp"

namespace storage {

/// The device, with what a rehearsal does to it: a counterfeit that holds a part of what it claims.
class Stick {
 public:
  Stick(const assay::Trial& trial, Medium& medium)
      : medium_(medium),
        real_(medium.bytes() / 2 / mib * mib),
        wraps_(trial.injects("wrap")),
        loses_(trial.injects("limbo")),
        flips_(trial.injects("flip-bit")) {}

  uint64_t bytes() const { return medium_.bytes(); }
  Medium& medium() { return medium_; }
  std::string place(uint64_t offset) const { return medium_.place(offset); }

  int write(uint64_t offset, const unsigned char* data, size_t count) {
    if (loses_ && offset >= real_) return 0;
    return medium_.write(wraps_ ? offset % real_ : offset, data, count);
  }
  int read(uint64_t offset, unsigned char* data, size_t count) {
    if (loses_ && offset >= real_) return std::memset(data, 0, count), 0;
    const int fault = medium_.read(wraps_ ? offset % real_ : offset, data, count);
    if (flips_ && offset <= mib && mib < offset + count) data[mib - offset] ^= 1;
    return fault;
  }

 private:
  static constexpr uint64_t mib = 1 << 20;
  Medium& medium_;
  uint64_t real_;
  bool wraps_, loses_, flips_;
};

}  // namespace storage
