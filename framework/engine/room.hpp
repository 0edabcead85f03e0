// Room on the disk of the run's folder, while trials may write to it: who takes too much is found out, and some is kept
// back for the journal.
#pragma once

#include <cstdint>
#include <string>

#include "core/unique_fd.hpp"

namespace assay::engine {

/// What lies in a folder itself, as it weighs on the disk.
struct FolderUse {
  size_t entries = 0;  // counted up to a bound
  uint64_t bytes = 0;
  bool folders = false;  // there are some, and what is in them was not looked at
};
FolderUse use_of(const std::string& folder);

/// Why a trial that leaves so much must end; empty: it need not. `low`: the disk is nearly full; `little`: what counts
/// as nearly full there, in bytes.
std::string why_too_much(const FolderUse& use, bool low, uint64_t little);

class Room {
 public:
  /// Takes a reserve from the disk, where it has room for one.
  explicit Room(const std::string& folder);

  /// Looks at the file system, which costs a call. True when it lost room since the last time or is nearly full: then
  /// see who took it.
  bool look();
  bool low() const { return free_ < little_; }
  /// Bytes that are free at this moment.
  uint64_t free() const;
  uint64_t little() const { return little_; }
  /// Gives the reserve back to the disk.
  void release_reserve() { reserve_.reset(); }

 private:
  std::string folder_;
  core::UniqueFd reserve_;
  uint64_t free_ = UINT64_MAX, little_ = 0, seen_free_ = 0, seen_files_ = 0;
};

}  // namespace assay::engine
