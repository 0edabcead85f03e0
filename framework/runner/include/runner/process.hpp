// The host's handle on one runner process: starts it, reads what it says, ends it.
#pragma once

#include <sys/types.h>

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

/// A started runner, leader of its own process group. Descriptors are non-blocking. All calls from the thread that
/// started it, since the runner dies with that thread.
class Process {
 public:
  /// Starts `runner` (a path) for `spec`; what is handed over stays the caller's. `trial_id` marks the process and its
  /// children in their environment. Throws core::Trouble when it cannot be started.
  static Process start(const std::string& runner, const Spec& spec, const Handed& handed, const std::string& trial_id);

  pid_t pid() const { return pid_; }
  int pidfd() const { return pidfd_.get(); }
  int frames() const { return frames_.get(); }
  int output() const { return output_.get(); }
  int errors() const { return errors_.get(); }
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
  core::UniqueFd pidfd_, frames_, output_, errors_;
  SharedMemory shared_;
};

}  // namespace assay::runner
