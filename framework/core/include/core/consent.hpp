// What may be written, as somebody has allowed it; it goes into the record of the run.
#pragma once

#include <string>
#include <vector>

namespace assay::core {

/// Nothing is allowed unless it is said here.
struct Consent {
  bool scratch = false;      // tests may write files of their own into free space; these vanish with the trial
  bool destructive = false;  // tests may overwrite the devices that are named as targets
  std::string backup;        // is what is on these devices kept elsewhere? "made", "not-needed"; empty: not answered
  /// Serial numbers of devices whose content may be lost; the path stands for one that has none.
  std::vector<std::string> erase;
};

}  // namespace assay::core
