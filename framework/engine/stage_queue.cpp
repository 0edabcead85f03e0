#include "stage_queue.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace assay::engine {
namespace {

uint64_t hash(const std::string& text) {
  uint64_t value = 0xCBF29CE484222325u;  // FNV-1a
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  return value;
}

bool overlaps(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return std::any_of(a.begin(), a.end(),
                     [&](const std::string& name) { return std::find(b.begin(), b.end(), name) != b.end(); });
}

}  // namespace

bool can_share(const plan::PlannedTrial& a, const plan::PlannedTrial& b) {
  return !overlaps(a.exclusive, b.exclusive) && !overlaps(a.exclusive, b.shared) && !overlaps(a.shared, b.exclusive);
}

std::string place(const std::string& stage, int entry, int round, core::Purpose purpose, const std::string& test,
                  const std::string& target, const std::string& injection) {
  return stage + "|" + std::to_string(entry) + "|" + std::to_string(round) + "|" + std::string(core::name(purpose)) +
         "|" + test + "|" + target + "|" + injection;
}

StageQueue::StageQueue(const plan::PlannedStage& stage, uint64_t seed, std::set<std::string> finished)
    : stage_(stage), seed_(seed), finished_(std::move(finished)) {}

void StageQueue::next_round() {
  ++round_;
  for (const plan::PlannedTrial& trial : stage_.trials) {
    if (left_out_.count(&trial) != 0) continue;
    const std::string key =
        place(stage_.id, trial.entry, round_, trial.purpose, trial.test->id, trial.target.id, trial.injection);
    if (finished_.count(key) == 0)
      pending_.push_back({&trial, trial.purpose, round_, core::derive_seed(seed_, hash(key)), ""});
  }
}

bool StageQueue::take(const std::vector<const plan::PlannedTrial*>& running, Pending& next) {
  if (!stage_.parallel && !running.empty()) return false;
  for (auto candidate = pending_.begin(); candidate != pending_.end(); ++candidate) {
    const bool free = stage_.soak || std::all_of(running.begin(), running.end(), [&](const plan::PlannedTrial* other) {
                        return can_share(*candidate->trial, *other);
                      });
    // Even a soak runs a trial only once at a time: its repeats wait for it.
    if (!free || std::find(running.begin(), running.end(), candidate->trial) != running.end()) continue;
    next = *candidate;
    pending_.erase(candidate);
    return true;
  }
  return false;
}

void StageQueue::confirm(const Pending& failed, const std::string& trial_id, int times) {
  for (int i = 0; i < times; ++i)
    pending_.push_front({failed.trial, core::Purpose::confirm, failed.round, failed.seed, trial_id});
}

double StageQueue::seconds() const {
  double sum = 0, longest = 0;
  for (const Pending& pending : pending_) {
    sum += pending.trial->seconds;
    longest = std::max(longest, pending.trial->seconds);
  }
  return stage_.parallel ? longest : sum;
}

}  // namespace assay::engine
