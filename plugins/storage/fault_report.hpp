// The wrong sectors of a check, as findings and measurements.
#pragma once

#include <assay/plugin.hpp>
#include <functional>
#include <optional>
#include <vector>

#include "again.hpp"
#include "fault_log.hpp"
#include "medium.hpp"

namespace storage {

/// The code of a finding about such sectors.
const char* code_of(Fault fault);

/// A region of wrong sectors whose first sector was read again.
struct RegionAgain {
  FaultLog::Region region;
  Again again;
};

/// Reads the first sector of the first regions again; most often seen first. `is_wrong(offset)` reads one sector: true
/// when it is wrong still, nothing when it cannot look any more.
std::vector<RegionAgain> look_again(const FaultLog& log,
                                    const std::function<std::optional<bool>(uint64_t offset)>& is_wrong);

/// One finding for each region, twenty at most, and for each code how often the worst of its regions came again; none
/// for misdirected sectors that a wrap-around explains.
void tell_regions(const FaultLog& log, const std::vector<RegionAgain>& regions, bool wraps, const Medium& medium,
                  const assay::Trial& trial);

}  // namespace storage
