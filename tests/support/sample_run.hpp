// Runs that were never made: journals and artifacts for the tests of reports. They are written and read as any other.
#pragma once

#include <string>

namespace assay::test {

/// A laptop in repair: a fault in the memory, one that comes and goes, a value beyond its limit, skips, trouble, a
/// disk's map, samples, temperatures.
void write_repair_run(const std::string& folder);

/// The same laptop after the repair.
void write_repaired_run(const std::string& folder);

/// A run in which every text that a device, a plugin or a person can fill attacks the page.
void write_hostile_run(const std::string& folder);

/// Twelve hours: 5,000 trials and 1,000,000 samples.
void write_long_run(const std::string& folder);

}  // namespace assay::test
