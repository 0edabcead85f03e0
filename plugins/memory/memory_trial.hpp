// What all memory tests share: time, memory, workers, the repeat of a failure on the same frames, and the report.
#pragma once

#include <assay/plugin.hpp>
#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "corrected_errors.hpp"
#include "error_log.hpp"
#include "frames.hpp"
#include "pool.hpp"
#include "workers.hpp"

namespace memory {

/// One piece to be tested once.
struct Job {
  const Piece& piece;
  uint64_t pass;  // 0 for memory that is new
  bool plant;     // the place of the injection, if the trial asks for one; its fault is there in repeats as well
  ErrorLog& log;
};

class MemoryTrial {
 public:
  static constexpr size_t usual_piece = size_t{64} << 20;

  explicit MemoryTrial(assay::Trial& trial, size_t piece_bytes = usual_piece);

  /// True when this part of the trial's time is used up, or it is asked to stop.
  bool over(double part = 1) const;
  double seconds_left() const;
  assay::Trial& trial() { return trial_; }
  Workers& workers() { return workers_; }
  Pool& pool() { return pool_; }

  /// Tests new memory as long as there is some, then the same again with the next pass, until the time is over: `work`
  /// tests one piece from beginning to end. Where frames can be seen (root), memory that no trial of this run has
  /// tested yet comes first, and when a pass is done, memory is given back and asked for again as long as that brings
  /// new frames. What fails is repeated at once, on the same frames.
  void sweep(const std::function<void(const Job&)>& work);

  /// Takes memory for at most `part` of the time, filling it with `fill`.
  void fill_all(double part, const std::function<void(const Piece&)>& fill);
  /// Does `work` on all pieces that were taken, each once. Then what failed is repeated, on the same frames, where
  /// `again` is given: each time `prepare` is done on all pieces first, and `again` on those that failed.
  void on_all(const std::function<void(const Job&)>& work, const std::function<void(const Job&)>& again = nullptr,
              const std::function<void(const Piece&)>& prepare = nullptr);
  /// All pieces that are held, or this one, count as tested once more, and as covered. From any thread.
  void count_all_as_tested();
  void count_as_tested(const Piece& piece);

  /// Pushes a piece out of the caches where it could stay in them, so that what is read next comes from the memory.
  void settle(const Piece& piece) const;

  /// Says what was wrong and how much was tested. `describe(log)` says in which step the first error showed. Throws
  /// assay::Skip when no memory could be had.
  void report(const std::function<std::string(const ErrorLog&)>& describe);

 private:
  void repeat(const Job& failed, const std::function<void(const Job&)>& work);
  bool may_repeat();
  void take_repeats(const FramesAgain& again);
  void test(const Piece& piece, uint64_t pass, const std::function<void(const Job&)>& work, ErrorLog& log);
  void tell_errors(const std::string& step) const;
  void tell_pages() const;
  void tell_places() const;
  void write_errors() const;
  std::vector<uint64_t> bad_pages() const;
  uint64_t installed_bytes() const;
  uint64_t covered_bytes();
  void say_how_far();
  bool mostly_known(const Piece& piece);
  void seek(int worker, uint64_t pass, const std::function<void(const Job&)>& work, ErrorLog& log);

  assay::Trial& trial_;
  double seconds_, start_;
  Workers workers_;
  Pool pool_;
  CorrectedErrors corrected_before_;
  std::atomic<bool> planted_{false}, failed_{false};
  std::atomic<uint64_t> tested_{0};
  std::mutex lock_;
  assay::Kept kept_;
  Frames reached_;   // tested in this run, by earlier trials too; empty without root
  Frames before_;    // of these, by earlier trials
  double told_ = 0;  // the part of the time at which progress was told last
  ErrorLog errors_;
  int pieces_repeated_ = 0;
  FramesAgain::Worst again_;  // the frame that came again most often
};

}  // namespace memory
