#include "time_shares.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/text.hpp"

namespace assay::plan {
namespace {

bool adjustable(const PlannedTrial& trial) { return trial.parameters.count("duration") != 0 && !trial.fixed_duration; }

}  // namespace

void estimate(PlannedTrial& trial) {
  trial.seconds = trial.test->seconds;
  if (const auto set = trial.parameters.find("duration"); set != trial.parameters.end())
    core::as_number(set->second, trial.seconds);
  if (!trial.fixed_limit) trial.time_limit = 2 * trial.seconds + 10;
}

void share_time(PlannedStage& stage, double scale) {
  std::map<std::string, int> contenders;
  double fixed = 0;
  int timed = 0;
  for (PlannedTrial& trial : stage.trials) {
    if (trial.fixed_duration && !stage.repeat) {
      double seconds = 0;
      core::as_number(trial.parameters["duration"], seconds);
      const auto* declared = trial.test->parameter("duration");
      trial.parameters["duration"] = std::clamp(seconds * scale, declared->min, declared->max);
      estimate(trial);
    }
    if (adjustable(trial))
      ++timed;
    else
      fixed += trial.seconds;
    for (const std::string& name : trial.exclusive) ++contenders[name];
  }
  for (PlannedTrial& trial : stage.trials) {
    if (stage.seconds <= 0 || !trial.parameters.count("duration")) continue;
    double seconds = 0;
    core::as_number(trial.parameters["duration"], seconds);
    int crowd = 1;
    if (!stage.soak)
      for (const std::string& name : trial.exclusive) crowd = std::max(crowd, contenders[name]);
    const double share = stage.parallel ? stage.seconds / crowd : (stage.seconds - fixed) / std::max(1, timed);
    if (adjustable(trial) && !stage.repeat) seconds = share;
    seconds = std::min(seconds, stage.seconds);
    const auto* declared = trial.test->parameter("duration");
    trial.parameters["duration"] = std::clamp(seconds, declared->min, declared->max);
    estimate(trial);
  }
  double longest = 0, sum = 0;
  for (const PlannedTrial& trial : stage.trials) longest = std::max(longest, trial.seconds), sum += trial.seconds;
  if (!stage.repeat) stage.seconds = stage.parallel ? longest : sum;
  if (stage.trials.empty()) stage.seconds = 0;
}

void tell_what_time_lacks(const PlannedStage& scaled, double scale, std::vector<std::string>& hints) {
  PlannedStage full = scaled, given = scaled;
  full.seconds /= scale;
  share_time(full, 1);
  share_time(given, scale);
  std::set<std::string> told;
  for (size_t i = 0; i < full.trials.size(); ++i) {
    const PlannedTrial& trial = given.trials[i];
    const double before = full.repeat ? full.seconds : full.trials[i].seconds,
                 now = given.repeat ? given.seconds : trial.seconds;
    if (trial.least_coverage <= 0 || now >= before || !told.insert(trial.test->id).second) continue;
    hints.push_back(
        fmt::format("--duration: {} gets {} instead of {} in stage {}, and may not reach the {} % that are asked for{}",
                    trial.test->id, core::format_duration(now), core::format_duration(before), given.id,
                    core::format_number(100 * trial.least_coverage),
                    trial.required || trial.if_present ? "; the run is then incomplete" : ""));
  }
}

}  // namespace assay::plan
