// A march element over a range of lines, once for each instruction set. The variants do the same and differ in speed
// alone; which is the fastest depends on the machine (the widest often is not), so choose_kernel() measures.
#pragma once

#include <span>

#include "line.hpp"
#include "march/algorithm.hpp"

namespace memory {

/// When lines are pushed out of the caches, so that the next read reaches the DRAM.
enum class Flush {
  none,       // by themselves, as the sweep goes on: enough for ranges that are larger than the caches
  element,    // all lines, after each element
  operation,  // the line, after each operation: many times slower; what March SS and RAW need
};

struct ElementWork {
  uint64_t* words;  // aligned to a line
  size_t lines;
  bool down;
  const march::Operation* operations;
  size_t operation_count;
  Line pattern[2];  // what 0 and 1 mean
  Flush flush;
  MismatchSink* sink;
};

struct ElementKernel {
  const char* name;
  bool (*supported)();
  void (*apply)(const ElementWork& work);
};

extern const ElementKernel element_avx512, element_avx2, element_scalar;

/// Widest first.
std::span<const ElementKernel* const> element_kernels();  // from the widest to the narrowest
/// Of those that this processor has.
const ElementKernel& widest_kernel();
/// By name; nullptr if there is none.
const ElementKernel* find_kernel(const char* name);
/// The kernel that sweeps these lines fastest here, by processor time; the lines are overwritten. Takes some ten
/// milliseconds.
const ElementKernel& choose_kernel(uint64_t* words, size_t lines);

/// True when the processor has clflushopt. (Plain clflush is some thirty times slower and is never used.)
bool can_flush();
/// Pushes the lines out of all caches.
void flush_lines(const uint64_t* words, size_t lines);

}  // namespace memory
