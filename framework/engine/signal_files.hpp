// The signals of a run on disk: for each a file of pairs of little-endian doubles, seconds since the run's start and
// value.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "journal/record.hpp"
#include "watch/signals.hpp"

namespace assay::engine {

/// Seconds since the run's start of the last whole sample in the files that the run's start names; 0 if there is none.
double last_sample(const std::string& run_folder, const std::vector<journal::SignalInfo>& told);

class SignalFiles {
 public:
  /// Adds to the files that the run's start names; a signal that it does not name is not kept. What cannot be opened is
  /// left out: a report then has a gap, and the run goes on.
  SignalFiles(const std::string& run_folder, const std::vector<journal::SignalInfo>& told,
              const std::vector<watch::Signal>& signals);

  void add(double seconds, const std::vector<double>& values);

 private:
  using Stream = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;
  std::vector<Stream> streams_;  // in the order of the signals
};

}  // namespace assay::engine
