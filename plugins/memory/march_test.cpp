// memory.march: any march test, from its text, with the fastest kernel of this machine.
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <ctime>
#include <memory>

#include "backgrounds.hpp"
#include "kernels/element_kernel.hpp"
#include "march/coverage.hpp"
#include "march/element.hpp"
#include "memory_trial.hpp"
#include "tests.hpp"

namespace memory {
namespace {

march::Algorithm algorithm_for(const assay::Trial& trial) {
  try {
    march::Algorithm algorithm = march::algorithm_of(trial.text("algorithm"));
    const auto reads = [](const march::Element& element) {
      return std::any_of(element.operations.begin(), element.operations.end(), [](const auto& o) { return !o.write; });
    };
    if (std::none_of(algorithm.elements.begin(), algorithm.elements.end(), reads))
      throw assay::BadParameter("algorithm: " + algorithm.text() + " reads nothing, so it can find nothing");
    return algorithm;
  } catch (const march::BadAlgorithm& bad) {
    throw assay::BadParameter("algorithm: " + trial.text("algorithm") + ": " + bad.what() + "; see `assay march list`");
  }
}

Flush flush_for(const assay::Trial& trial, uint64_t largest_cache, size_t piece_bytes) {
  const std::string wanted = trial.text("flush");
  if (wanted == "none") return Flush::none;
  if (wanted != "auto" && !can_flush())
    throw assay::Skip{"not-supported", "this processor has no clflushopt; the caches cannot be emptied fast enough"};
  if (wanted == "operation") return Flush::operation;
  if (wanted == "element") return Flush::element;
  // A piece that is well beyond the caches pushes itself out of them.
  return (largest_cache == 0 || piece_bytes < 2 * largest_cache) && can_flush() ? Flush::element : Flush::none;
}

/// What the interpreter runs on: a piece of real memory.
class PieceMemory {
 public:
  PieceMemory(const Job& job, const assay::Trial& trial, const ElementKernel& kernel, Flush flush, double pause)
      : job_(job), trial_(trial), kernel_(kernel), flush_(flush), pause_(pause) {
    zero_ = background((trial.seed() + job.pass) % background_count);
    victim_ = job.piece.words + trial.seed() % (job.piece.lines * line_words);
    trial.breadcrumb("march", reinterpret_cast<uint64_t>(job.piece.words));
  }

  void element(size_t number, bool down, const march::Element& element) {
    if (trial_.should_stop()) return;  // and so are the elements after it: nothing is expected that was not written
    if (job_.plant && trial_.injects("stuck-bit")) *victim_ &= ~(uint64_t{1} << 40);  // a cell that cannot hold a one
    if (job_.plant && number == 2 && trial_.injects("flip-bit")) *victim_ ^= uint64_t{1} << 13;
    job_.log.set_element(number);
    kernel_.apply({job_.piece.words,
                   job_.piece.lines,
                   down,
                   element.operations.data(),
                   element.operations.size(),
                   {zero_, complement(zero_)},
                   flush_,
                   &job_.log});
  }

  void pause() {
    const timespec step{0, 20'000'000};
    for (double left = pause_; left > 0 && !trial_.should_stop(); left -= 0.02) nanosleep(&step, nullptr);
  }

 private:
  const Job& job_;
  const assay::Trial& trial_;
  const ElementKernel& kernel_;
  Flush flush_;
  double pause_;
  Line zero_;
  uint64_t* victim_;
};

/// The kernel that was asked for, or the fastest here.
const ElementKernel& kernel_for(const assay::Trial& trial) {
  const std::string wanted = trial.text("kernel");
  if (wanted == "auto") {
    constexpr size_t bytes = size_t{8} << 20;
    const std::unique_ptr<uint64_t, void (*)(void*)> words(
        static_cast<uint64_t*>(std::aligned_alloc(line_bytes, bytes)), &std::free);
    return words ? choose_kernel(words.get(), bytes / line_bytes) : element_scalar;
  }
  const ElementKernel* kernel = find_kernel(wanted.c_str());
  if (kernel == nullptr || !kernel->supported())
    throw assay::Skip{"not-supported", "this processor does not have " + wanted};
  return *kernel;
}

std::string classes(const march::Algorithm& algorithm) {
  std::string text;
  for (const auto& c : march::coverage_of(algorithm))
    if (c.complete()) text += (text.empty() ? "" : " ") + c.name;
  return text;
}

void tell_fault_classes(const assay::Trial& trial, const march::Algorithm& algorithm, const ElementKernel& kernel,
                        Flush flush) {
  const std::string name = algorithm.name.empty() ? algorithm.text() : algorithm.name;
  const std::string effective = classes(march::behind_a_cache(algorithm));
  std::string text =
      name + " (" + std::to_string(algorithm.length()) + "n, kernel " + kernel.name +
      ") within each piece of memory. As written it finds all faults of these classes: " + classes(algorithm) + ".";
  if (flush == Flush::operation)
    text += " Each operation reached the memory itself.";
  else
    text +=
        " The caches keep repeated reads and writes of a line from the memory; what reaches it finds: " + effective +
        ".";
  trial.finding(assay::Severity::note, "fault-classes", text);
}

}  // namespace

void MarchTest::run(assay::Trial& trial) {
  const march::Algorithm algorithm = algorithm_for(trial);
  const bool slow = std::string(trial.text("flush")) == "operation";
  MemoryTrial memory_trial(trial, slow ? size_t{2} << 20 : MemoryTrial::usual_piece);
  const Flush flush = flush_for(trial, memory_trial.workers().largest_cache(), memory_trial.pool().piece_bytes());
  const ElementKernel& kernel = kernel_for(trial);
  const double pause = trial.real("pause");
  std::atomic<uint64_t> passes{0};
  memory_trial.sweep([&](const Job& job) {
    PieceMemory memory(job, trial, kernel, flush, pause);
    // Where the order is free, every second pass takes the other one.
    march::run(algorithm, memory, [&](size_t) { return job.pass % 2 == 1; });
    uint64_t known = passes;
    while (known < job.pass + 1 && !passes.compare_exchange_weak(known, job.pass + 1)) {
    }
  });
  tell_fault_classes(trial, algorithm, kernel, flush);
  trial.measure("backgrounds", static_cast<double>(std::min<uint64_t>(passes, background_count)));
  memory_trial.report([&](const ErrorLog& log) {
    const size_t number = log.first_element();
    return "element " + std::to_string(number + 1) + ", operation " + std::to_string(log.first().operation + 1) +
           " of " + algorithm.text();
  });
}

}  // namespace memory
