// Writes a run's journal: OCP Test & Validation 2.0, one JSON document a line, append-only.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "core/unique_fd.hpp"
#include "journal/record.hpp"

namespace assay::journal {

/// Every call appends whole lines. A line that cannot be written whole (a full disk) is taken back and core::Trouble is
/// thrown: what was there before stays readable. trial_end() and run_end() return when the lines are on the disk.
class Writer {
 public:
  /// Creates the file; it must not exist.
  static Writer create(const std::string& path);
  /// Goes on with a journal that was cut off: a torn last line is removed.
  static Writer resume(const std::string& path);

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

 private:
  Writer(core::UniqueFd file, uint64_t size, uint64_t sequence);
  void write_line(const std::string& text);
  void sync();
  friend struct Lines;

  core::UniqueFd file_;
  uint64_t size_ = 0;
  uint64_t sequence_ = 0;
  std::function<bool()> make_room_;
};

}  // namespace assay::journal
