// The end of a trial's artifact folder, made apart: the host goes on while it is copied, and if the disk hangs.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "artifacts.hpp"
#include "core/apart.hpp"

namespace assay::engine {

class Sealing {
 public:
  /// Begins. `own` may be closed when this returns. A folder with nothing in it is gone at once.
  Sealing(const std::string& artifacts, const std::string& id, const std::vector<OwnFile>& own,
          const std::vector<std::string>& wanted, const ArtifactLimits& limits);

  /// To wait for; -1: it is done.
  int fd() const { return work_ ? work_->socket() : -1; }
  /// Looks whether it has come back or has taken too long; true when there is a result. Never waits.
  bool done();
  const Sealed& result() const { return sealed_; }
  void give_up(const std::string& why);

 private:
  std::unique_ptr<core::Apart> work_;
  Sealed sealed_;
  int64_t started_ns_;
};

}  // namespace assay::engine
