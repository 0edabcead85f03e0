// Counts what a process has open, to tell what a plugin left behind.
#pragma once

namespace assay::runner {

struct Residue {
  int threads = 0;
  int descriptors = 0;
  int children = 0;
};

/// Threads, open descriptors and child processes of this process, now.
Residue count_residue();

}  // namespace assay::runner
