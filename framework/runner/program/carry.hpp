// Artifacts of a trial whose run lies on a file system without owners (a stick with FAT): it works in memory, and what
// it left is carried over when it has ended.
#pragma once

namespace assay::runner {

/// Copies the plain files of the folder `from` to `to`; stops when there is no more room. Everything else stays behind.
void carry_artifacts(int from, int to);

}  // namespace assay::runner
