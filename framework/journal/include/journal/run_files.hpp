// The files beside a journal: samples and maps. Whoever has the folder may have changed them: nothing outside of it is
// read, and nothing that could wait or grow without end.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace assay::journal {

class RunFiles {
 public:
  /// `run`: a run's folder, or its journal's file; an empty string: there are no files.
  explicit RunFiles(const std::string& run);

  /// Gives every sample of a series or signal to `take`: seconds and value, in the file's order; what is not finite is
  /// left out. False when the file cannot be read.
  bool samples(const std::string& file, const std::function<void(double at, double value)>& take) const;

  /// A small file; nothing if it is not there or longer than `most` bytes.
  std::optional<std::string> text(const std::string& file, size_t most) const;

 private:
  int open_inside(const std::string& file) const;
  std::string folder_;
};

}  // namespace assay::journal
