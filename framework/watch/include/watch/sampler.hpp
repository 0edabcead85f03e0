// Reads the machine's sensors in a process apart: one that hangs (a bus that is stuck, a controller that died) holds
// nobody up and is left out from then on.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/apart.hpp"

namespace assay::watch {

/// One thing to read: it can hang as a whole.
struct Step {
  std::string name;
  size_t width = 1;                                 // how many values it gives, two at most
  std::function<std::vector<double>(double)> read;  // at a time: monotonic, in seconds
};

/// Never waits, and calls no step in the host's own process. All calls from one thread.
class Sampler {
 public:
  /// `seconds`: patience with each step.
  explicit Sampler(std::vector<Step> steps, double seconds = 2);
  Sampler(const Sampler&) = delete;
  Sampler& operator=(const Sampler&) = delete;

  /// Can be read when something has come; -1: nothing is at work.
  int fd() const { return work_ ? work_->socket() : -1; }
  /// Begins a sample; false while one is under way, or when nothing can be read any more.
  bool ask();
  /// The sample, once it is whole: the values of all steps in their order, NaN where there is none.
  std::optional<std::vector<double>> take();
  /// Names of steps that were found to hang since the last look.
  std::vector<std::string> take_hung() { return std::exchange(hung_, {}); }

 private:
  void work(int socket);
  void begin();
  std::optional<std::vector<double>> leave_out();
  std::vector<double> end_sample();

  std::vector<Step> steps_;
  std::vector<bool> left_out_;
  std::vector<std::string> hung_;
  double patience_;
  std::unique_ptr<core::Apart> work_;
  std::vector<double> values_;
  size_t next_ = 0;  // the step that is awaited
  bool asked_ = false;
  int64_t heard_ns_ = 0;
  int deaths_ = 0;
};

}  // namespace assay::watch
