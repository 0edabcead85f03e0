// Processes that a plugin started and left: found, although they may have cut every tie but one.
#pragma once

#include <sys/types.h>

#include <string>

namespace assay::engine {

/// Makes this process the parent of every orphan below it. Call once, before the first trial.
void adopt_orphans();

/// Runners are children too; what is expected is never taken for an orphan.
void expect_runner(pid_t pid);
void forget_runner(pid_t pid);

/// Ends the adopted processes that carry the trial's mark in their environment (or whose environment cannot be read),
/// and reaps those that have ended. Returns how many were still running.
int end_orphans(const std::string& trial_id);

}  // namespace assay::engine
