// Errors that the memory controller corrected or could not correct, as Linux counts them (EDAC).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace memory {

struct ErrorCount {
  std::string name;
  uint64_t corrected = 0, uncorrected = 0;
};

struct CorrectedErrors {
  std::vector<ErrorCount> controllers;  // "mc0"; none where the memory has no ECC or Linux does not watch it
  std::vector<ErrorCount> modules;      // "mc0 dimm3 CPU0_DIMM_A1", where the driver counts by module
};

/// Reads /sys/devices/system/edac/mc below `root` (empty for this machine).
CorrectedErrors read_corrected_errors(const std::string& root = "");

/// What grew between the two, for people ("mc0: 3 corrected, 1 uncorrected, by module ..."); empty when nothing did.
/// `uncorrected` is set when some could not be corrected.
std::string growth(const CorrectedErrors& before, const CorrectedErrors& after, bool& uncorrected);

}  // namespace memory
