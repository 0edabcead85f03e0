// Writes a run's journal: OCP Test & Validation 2.0, one JSON document a line, append-only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/durable_folder.hpp"
#include "journal/chain.hpp"
#include "journal/held_journal.hpp"
#include "journal/record.hpp"

namespace assay::journal {

class ChainState;

/// Every call appends whole lines. A line that cannot be written whole (a full disk) is taken back and core::Trouble is
/// thrown: what was there before stays readable, and this writer is of no more use. The starts and ends of the run and
/// of trials, and the run's errors, are promises: each ends with a link of the chain and is on the disk when the call
/// returns, a trial's end after the files that it names.
class Writer {
 public:
  /// Makes the folder's journal; it must not be there.
  static Writer create(const core::DurableFolder& folder, Tie tie = {});
  static Writer create(const std::string& path, Tie tie = {});
  /// Goes on with a journal that was cut off. What follows the last link was promised to nobody and is taken away; in a
  /// journal without links a torn last line is. Who may vouch for what is there already is the caller's to find out.
  static Writer resume(HeldJournal file, Tie tie = {});
  static Writer resume(const std::string& path, Tie tie = {});
  Writer(Writer&&) noexcept;
  ~Writer();

  /// Called when the disk is full: true when there may be room now, and the line is tried again.
  void when_full(std::function<bool()> make_room) { make_room_ = std::move(make_room); }

  void run_start(const RunStart& start);
  void run_log(const LogLine& line);
  void run_error(const ErrorLine& error);
  /// `result` is what the run says of the machine; a run that is not complete says nothing good of it.
  void run_end(core::Result result, bool complete);

  void trial_start(const TrialStart& start);
  void measurement(const std::string& trial, const core::Measurement& measurement, const std::string& hardware);
  /// An injected trial's findings are marked so that no reader takes them for the machine's.
  void finding(const std::string& trial, const core::Finding& finding, const std::string& hardware, bool of_machine);
  void repeats(const std::string& trial, const Repeats& repeats);
  void failed_place(const std::string& trial, const FailedPlace& failed);
  /// What was tested: by space the file beside the journal that holds its ranges, and pieces by name.
  void covered(const std::string& trial, const std::map<std::string, std::string>& files,
               const std::vector<std::string>& pieces);
  void log(const std::string& trial, const LogLine& line);
  void error(const std::string& trial, const ErrorLine& error);
  void file(const std::string& trial, const File& file);
  void series(const std::string& trial, int number, const SeriesSummary& summary);
  void trial_end(const std::string& trial, const TrialEnd& end);

  /// The journal as it is on the disk.
  std::string text() const { return file_.text(); }

 private:
  Writer(HeldJournal file, Tie tie);
  void write_whole(const std::string& text);
  void sync();
  void sync_named_files();
  friend struct Lines;

  HeldJournal file_;
  Tie tie_;
  std::unique_ptr<ChainState> chain_;
  std::vector<std::string> named_;  // files that the trials which are ending left
  uint64_t size_ = 0;
  uint64_t sequence_ = 0;
  std::function<bool()> make_room_;
};

}  // namespace assay::journal
