// Runs smartctl (smartmontools) and takes what it prints.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace smart {

struct Output {
  std::string text;      // standard output, at most 16 MiB
  std::string problem;   // why there is none; empty: it ran
  bool missing = false;  // the program is not installed
};

/// Runs `smartctl ARGUMENTS...`, without a shell. It is ended after `seconds`, or when `should_stop` says so: a dying
/// drive can keep it waiting for ever.
Output run_smartctl(const std::vector<std::string>& arguments, double seconds,
                    const std::function<bool()>& should_stop = nullptr);

/// The arguments for a full reading of a device, as JSON.
std::vector<std::string> reading_arguments(const std::string& device);

}  // namespace smart
