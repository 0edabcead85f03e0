// A run's journal, locked: one host at a time writes it, resumes it or closes its run.
#pragma once

#include <sys/types.h>

#include <string>

#include "core/durable_folder.hpp"
#include "core/unique_fd.hpp"

namespace assay::journal {

class HeldJournal {
 public:
  /// Makes the file, which must not be there, and makes its name last.
  static HeldJournal create(const core::DurableFolder& folder);
  /// Opens one that is there. Throws core::BadInput when it is no file, or another process holds it, which is named.
  static HeldJournal open(const core::DurableFolder& folder);

  int fd() const { return file_.get(); }
  /// The run's folder, where the files lie that the journal names.
  int folder() const { return folder_.get(); }
  /// For messages.
  const std::string& name() const { return name_; }
  /// The whole of it, as it is now. Throws core::Trouble when it cannot be read.
  std::string text() const;
  uid_t owner() const;
  bool others_may_write() const;

 private:
  HeldJournal(const core::DurableFolder& folder, int flags);
  core::UniqueFd folder_, file_;
  std::string name_;
};

}  // namespace assay::journal
