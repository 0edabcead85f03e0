// The two forms of smartctl's output, and what they share.
#pragma once

#include <vector>

#include "smart/reading.hpp"

namespace smart {

/// Every drive in one JSON document; none where smartctl did not write it.
std::vector<Reading> read_json(const std::string& document);
/// One drive. A reading without facts and without a problem: nothing in this text is smartctl's.
Reading read_text(const std::string& text);

/// Bits of NVMe's critical warning. All ones: never filled in.
void add_nvme_warning(unsigned bits, Reading& reading);

/// The available spare and its threshold, in percent.
void add_nvme_spare(double spare, double threshold, Reading& reading);

/// How many sectors a SAS drive wants to replace; in smartctl 7.2 this stands before the JSON instead of in it.
void add_pending_defects(double count, Reading& reading);

}  // namespace smart
