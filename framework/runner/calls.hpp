// Which system calls a trial may make: those of a program that computes, reads and writes its own files.
#pragma once

#include <string>

#include "runner/spec.hpp"

namespace assay::runner {

/// What the filter depends on beside the confinement.
struct CallsOf {
  int pid = 0;             // the trial's, where it sees other processes than its own: it may signal only itself. 0: any
  bool can_write = false;  // its device was opened for writing
};

/// The filter as Linux takes it: struct sock_filter, one after the other. Everything that it does not allow is refused
/// with EPERM; calls of other architectures (32 bits, x32) end the process. Empty when it cannot be made.
std::string compile_calls(const Confinement& confinement, const CallsOf& of);

/// Puts such a filter on this thread and all that it starts, for good. False where Linux has no filters.
bool enforce_calls(const std::string& filter);

}  // namespace assay::runner
