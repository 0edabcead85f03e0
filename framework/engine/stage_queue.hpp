// The order in which the trials of a stage start: rounds, resources, confirmations.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "journal/record.hpp"
#include "plan/resolve.hpp"

namespace assay::engine {

/// A trial that waits for its turn.
struct Pending {
  const plan::PlannedTrial* trial = nullptr;
  core::Purpose purpose = core::Purpose::test;
  int round = 0;
  uint64_t seed = 0;
  std::string confirms;  // the trial that it repeats
};

/// Whether two trials may run at the same time: neither claims for itself what the other uses.
bool can_share(const plan::PlannedTrial& a, const plan::PlannedTrial& b);

/// The place of a trial in a run: the same in every part of an interrupted run.
std::string place(const std::string& stage, int entry, int round, core::Purpose purpose, const std::string& test,
                  const std::string& target, const std::string& injection);

class StageQueue {
 public:
  StageQueue(const plan::PlannedStage& stage, uint64_t seed, std::set<std::string> finished);

  /// Fills the queue with the next round.
  void next_round();
  int round() const { return round_; }
  bool empty() const { return pending_.empty(); }
  /// Takes the first trial that may start beside those that run; false if none may.
  bool take(const std::vector<const plan::PlannedTrial*>& running, Pending& next);
  /// Repeats of a failing trial come before everything else.
  void confirm(const Pending& failed, const std::string& trial_id, int times);
  void clear() { pending_.clear(); }
  /// Leaves a trial out of the rounds that follow.
  void leave_out(const plan::PlannedTrial* trial) { left_out_.insert(trial); }
  /// Seconds of what waits, by estimate.
  double seconds() const;

 private:
  const plan::PlannedStage& stage_;
  uint64_t seed_;
  std::set<std::string> finished_;
  std::set<const plan::PlannedTrial*> left_out_;
  std::deque<Pending> pending_;
  int round_ = -1;
};

}  // namespace assay::engine
