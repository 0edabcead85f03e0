// A program of the system, run to its end and measured.
#pragma once

#include <string>
#include <vector>

namespace assay::bench {

struct Outcome {
  int exit_code = -1;  // -1: it could not be started, or was ended by a signal
  std::string output;  // standard output and error, the first MiB
  double cpu_seconds = 0, wall_seconds = 0;
};

/// Runs `arguments[0]` from PATH. `environment` is added to this process's own ("NAME=VALUE").
Outcome run(const std::vector<std::string>& arguments, const std::vector<std::string>& environment = {});

}  // namespace assay::bench
