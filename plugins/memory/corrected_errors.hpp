// Errors that the memory controller corrected or could not correct, as Linux counts them (EDAC).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace memory {

struct CorrectedErrors {
  struct Controller {
    std::string name;  // "mc0"
    uint64_t corrected = 0, uncorrected = 0;
  };
  std::vector<Controller> controllers;  // none where the memory has no ECC or Linux does not watch it
};

/// Reads /sys/devices/system/edac/mc below `root` (empty for this machine).
CorrectedErrors read_corrected_errors(const std::string& root = "");

/// What grew between the two, for people ("mc0: 3 corrected, 1 uncorrected"); empty when nothing did. `uncorrected` is
/// set when some could not be corrected.
std::string growth(const CorrectedErrors& before, const CorrectedErrors& after, bool& uncorrected);

}  // namespace memory
