// The host's handle on one runner process: starts it, reads what it says, ends it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "core/unique_fd.hpp"
#include "runner/shared.hpp"
#include "runner/spec.hpp"

namespace assay::runner {

/// What a runner is given beside its description.
struct Handed {
  int artifacts = -1;  // a folder: where it works, and its only place to write
  int kept = -1;       // the file of ext/keep.h; -1: none
  int device = -1;     // the device of ext/device.h; -1: none
};

/// How a trial ended, as the runner's first process saw it. It comes over a pipe that the plugin does not have.
struct Ending {
  int status = 0;     // as of waitpid()
  int left = 0;       // processes that it had started and that still ran
  int continued = 0;  // times that it had stopped itself
  double cpu_seconds = 0;
  uint64_t most_memory = 0;  // bytes
};

/// A started runner: the first process of its namespaces where Linux gives them, and leader of its own session: what it
/// starts ends with it. Descriptors are non-blocking. All calls from the thread that
/// started it, since the runner dies with that thread.
class Process {
 public:
  /// Starts `runner` (a path) for `spec`; what is handed over stays the caller's. `trial_id` marks the process and its
  /// children in their environment, which has nothing of the caller's but PATH. Throws core::Trouble when it cannot be
  /// started.
  static Process start(const std::string& runner, Spec spec, const Handed& handed, const std::string& trial_id);

  pid_t pid() const { return pid_; }
  int pidfd() const { return pidfd_.get(); }
  int frames() const { return frames_.get(); }
  int output() const { return output_.get(); }
  int errors() const { return errors_.get(); }
  /// After its end: what it said of the trial's. Nothing when it was killed before it could.
  std::optional<Ending> ending() const;
  SharedMemory& shared() { return shared_; }

  void close_frames() { frames_.reset(); }
  void close_output() { output_.reset(); }
  void close_errors() { errors_.reset(); }

  /// Asks the plugin to end: should_stop() turns true.
  void cancel() { shared_->stop.store(1); }
  /// Sends a signal to the whole process group.
  void signal_group(int signal) const;

 private:
  Process() = default;
  pid_t pid_ = -1;
  core::UniqueFd pidfd_, frames_, output_, errors_, ending_;
  SharedMemory shared_;
};

}  // namespace assay::runner
