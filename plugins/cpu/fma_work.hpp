// Operands of the multiply-add kernels for a seed, and what must come out of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/fma_kernel.hpp"

namespace cpu {

/// Numbers of one format, as the kernels take them: bit patterns, aligned to 64 bytes.
class Numbers {
 public:
  Numbers(Format format, size_t count);
  uint64_t get(size_t index) const;
  void set(size_t index, uint64_t bits);
  size_t count() const { return count_; }
  void* data() { return data_.data(); }
  const void* data() const { return data_.data(); }
  /// The first number in which the two differ; count() when they are alike.
  size_t difference(const Numbers& other) const;

 private:
  struct alignas(64) Chunk {
    unsigned char bytes[64];
  };
  size_t size_, count_;
  std::vector<Chunk> data_;
};

struct ChainWork {
  ChainWork(const FmaVariant& variant, uint64_t seed);
  Numbers multiplier, subtrahend, start, expected;
};

struct ElementWork {
  ElementWork(const FmaVariant& variant, uint64_t seed, Denormals denormals);
  static constexpr size_t count = 1024;
  Denormals denormals;
  Numbers a, b, c, expected;
};

/// Runs the kernel with the processor's treatment of denormal numbers set so, and puts it back.
void run_elements(const FmaVariant& variant, const ElementWork& work, Numbers& out);

/// A digest of chains worked out with integers alone; equal to reference_digest on every sound core.
uint64_t digest_of_reference();
constexpr uint64_t reference_digest = 0xD7A8AAC05746D777;  // checked in tests/unit/cpu_kernels_test.cpp

}  // namespace cpu
