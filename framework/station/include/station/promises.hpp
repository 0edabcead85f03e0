// What this station has promised of a run that goes on: the last link of its journal's chain. A chain alone cannot show
// that its end was taken away, or that an earlier copy is resumed; the station that wrote it remembers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/unique_fd.hpp"

namespace assay::station {

struct Promised {
  uint64_t number = 0;
  std::string hash;
};

/// Kept in runs/RUN_ID of the station's folder, less than 100 bytes a run, for good: a run that has ended may not be
/// cut back either. Written without waiting for the disk: after a power cut it may know less than was promised, never
/// more. Where it cannot be written nothing is remembered.
class Promises {
 public:
  Promises(const std::string& folder, const std::string& run_id);
  void keep(uint64_t number, const std::string& hash) const;

  static std::optional<Promised> of(const std::string& folder, const std::string& run_id);

 private:
  core::UniqueFd file_;
};

/// That this station has sealed the run, for good: what is in its folder then is what it vouches for, and nothing else
/// is signed as this run again. As the promises it is remembered as far as the folder can be written.
void remember_sealed(const std::string& folder, const std::string& run_id);
bool was_sealed(const std::string& folder, const std::string& run_id);

}  // namespace assay::station
