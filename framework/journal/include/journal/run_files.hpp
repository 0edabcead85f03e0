// The files beside a journal: samples and maps. Whoever has the folder may have changed them: nothing outside of it is
// read, and nothing that could wait or grow without end.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

namespace assay::journal {

class RunFiles {
 public:
  /// `run`: a run's folder, or its journal's file; an empty string: there are no files.
  explicit RunFiles(const std::string& run);
  /// Only files that are named here, by the SHA-256 that they must have: what is read is hashed as it is read, and what
  /// is another throws core::Trouble.
  RunFiles(const std::string& run, std::map<std::string, std::string> sealed);

  /// Gives every sample of a series or signal to `take`: seconds and value, in the file's order; what is not finite is
  /// left out. False when the file cannot be read.
  bool samples(const std::string& file, const std::function<void(double at, double value)>& take) const;

  /// A small file; nothing if it is not there or longer than `most` bytes.
  std::optional<std::string> text(const std::string& file, size_t most) const;

 private:
  int open_inside(const std::string& file) const;
  void check(const std::string& file, const std::string& sha256) const;
  std::string folder_;
  std::optional<std::map<std::string, std::string>> sealed_;
};

}  // namespace assay::journal
