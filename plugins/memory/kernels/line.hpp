// Memory is tested by cache lines, as DRAM is read and written: a line of eight words is the cell of a march test.
#pragma once

#include <cstddef>
#include <cstdint>

namespace memory {

constexpr size_t line_words = 8;
constexpr size_t line_bytes = line_words * sizeof(uint64_t);
/// Plain, so that code for a newer processor brings no library function along that others would share.
struct Line {
  uint64_t word[line_words];
};

/// A word that was not what it had to be. `operation` counts within the element.
struct Mismatch {
  uint64_t* word;
  uint64_t expected, actual;
  size_t operation;
};

/// Is told of each mismatch, in the order of the sweep, by the thread that sweeps. Must not touch the memory under
/// test.
class MismatchSink {
 public:
  virtual ~MismatchSink() = default;
  virtual void add(const Mismatch& mismatch) = 0;
};

}  // namespace memory
