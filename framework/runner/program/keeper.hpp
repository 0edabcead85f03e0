// The first process of a trial's namespaces: it waits. When it ends, Linux ends everything else in them.
#pragma once

#include <sys/types.h>

#include "confine.hpp"

namespace assay::runner {

/// Waits until `trial` has ended, continues it when it stops itself, buries what it left, carries its artifacts over
/// where they must be, and tells the host through ending_fd. Never returns.
[[noreturn]] void keep(pid_t trial, const Fence& fence);

}  // namespace assay::runner
