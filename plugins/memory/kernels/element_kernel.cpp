#include "element_kernel.hpp"

#include <cpuid.h>

#include <cstring>
#include <ctime>
#include <utility>

namespace memory {
namespace {

constexpr const ElementKernel* kernels[] = {&element_avx512, &element_avx2, &element_scalar};

class NoSink : public MismatchSink {
  void add(const Mismatch&) override {}
};

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

}  // namespace

std::span<const ElementKernel* const> element_kernels() { return kernels; }

const ElementKernel& widest_kernel() {
  for (const ElementKernel* kernel : kernels)
    if (kernel->supported()) return *kernel;
  return element_scalar;
}

const ElementKernel* find_kernel(const char* name) {
  for (const ElementKernel* kernel : kernels)
    if (std::strcmp(kernel->name, name) == 0) return kernel;
  return nullptr;
}

const ElementKernel& choose_kernel(uint64_t* words, size_t lines) {
  static constexpr march::Operation read_write[] = {{false, false}, {true, true}}, write[] = {{true, false}};
  NoSink sink;
  const ElementKernel* best = &element_scalar;
  double least = 0;
  for (const ElementKernel* kernel : kernels) {
    if (!kernel->supported()) continue;
    Line zeros{}, ones{};
    for (uint64_t& word : ones.word) word = ~uint64_t{0};
    ElementWork work{words, lines, false, write, 1, {zeros, ones}, Flush::none, &sink};
    kernel->apply(work);
    double seconds = 0;
    for (int burst = 0; burst < 3; ++burst) {  // the shortest of three: the others were disturbed
      work.operations = read_write, work.operation_count = 2;
      const double start = cpu_seconds();
      kernel->apply(work);
      const double took = cpu_seconds() - start;
      std::swap(work.pattern[0], work.pattern[1]);
      if (burst == 0 || took < seconds) seconds = took;
    }
    if (least == 0 || seconds < least) best = kernel, least = seconds;
  }
  return *best;
}

bool can_flush() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & bit_CLFLUSHOPT) != 0;
}

void flush_lines(const uint64_t* words, size_t lines) {
  for (size_t i = 0; i < lines; ++i) __asm__ volatile("clflushopt (%0)" ::"r"(words + i * line_words) : "memory");
  __asm__ volatile("mfence" ::: "memory");
}

}  // namespace memory
