// Processes that a plugin started and left: found, although they may have cut every tie but one.
#pragma once

#include <sys/types.h>

#include <string>

namespace assay::engine {

struct Orphans {
  int ended = 0;    // were killed
  int hanging = 0;  // hang in Linux, where not even SIGKILL reaches them: the drive's doing, say, and not the plugin's
};

/// Makes this process the parent of every orphan below it. Call once, before the first trial.
void adopt_orphans();

/// Runners are children too; what is expected is never taken for an orphan.
void expect_runner(pid_t pid);
void forget_runner(pid_t pid);

/// Ends the adopted processes that this trial left, and reaps those that have ended. A trial's processes carry its mark
/// in their environment; one without any mark (or whose environment cannot be read) is taken for this trial's when no
/// other trial runs, and is left for later when one does. Returns what was still running.
Orphans end_orphans(const std::string& trial_id);

/// Ends every adopted process. Call it when no trial runs any more.
void end_all_orphans();

}  // namespace assay::engine
