// The logical processor that a trial is about.
#pragma once

namespace assay::runner {

/// Pins the process to one logical processor. False if the machine does not have it.
bool pin_to_core(int os_index);
/// False when Linux has taken that processor away from this process since.
bool may_use_core(int os_index);

}  // namespace assay::runner
