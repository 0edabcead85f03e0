// Folds a journal into a Record.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "journal/record.hpp"

namespace assay::journal {

/// Reads the journal of a run folder (or the file itself). Lines that cannot be read are counted and left out; a
/// journal without a readable start throws core::BadInput.
Record read(const std::string& run);

/// The bytes that read() folds; `name` is for messages.
std::string read_text(const std::string& run, const std::string& name);

/// The same from a journal's bytes.
Record fold(const std::string& journal, const std::string& name);

/// Reads a journal while it grows: each look reads only what is new.
class Follower {
 public:
  /// `run` as in read(). The journal may not be there yet.
  explicit Follower(const std::string& run);
  ~Follower();
  Follower(Follower&&) noexcept;
  /// True when something was new. Half a line waits for its end.
  bool look();
  /// Nothing before the run's start was read.
  const Record* record() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The journal's path in a run folder.
std::string journal_path(const std::string& run_folder);

}  // namespace assay::journal
