// The wrong sectors of a check, as findings and measurements.
#pragma once

#include <assay/plugin.hpp>

#include "fault_log.hpp"
#include "medium.hpp"

namespace storage {

/// The code of a finding about such sectors.
const char* code_of(Fault fault);

/// One finding for each region, twenty at most; none for misdirected sectors that a wrap-around explains.
void tell_regions(const FaultLog& log, bool wraps, const Medium& medium, const assay::Trial& trial);

}  // namespace storage
