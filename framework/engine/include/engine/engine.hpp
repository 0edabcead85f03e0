// Runs a resolved plan: starts trials, watches them, judges them, confirms failures, writes the journal.
#pragma once

#include <string>
#include <vector>

#include "core/consent.hpp"
#include "core/run_seal.hpp"
#include "inventory/machine.hpp"
#include "journal/record.hpp"
#include "journal/writer.hpp"
#include "plan/resolve.hpp"
#include "watch/signals.hpp"

namespace assay::engine {

/// Told what happens, as it happens. Called from the thread that runs the engine.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void stage_started(const plan::PlannedStage&) {}
  virtual void trial_started(const journal::TrialStart&) {}
  /// About five times a second: how far the run is (0 to 1), what is going on, and the seconds that are left by
  /// estimate.
  virtual void progress(double /*fraction*/, const std::string& /*doing*/, double /*seconds_left*/) {}
  virtual void trial_ended(const journal::TrialStart&, const journal::TrialEnd&, const std::vector<core::Finding>&) {}
  /// About once a second: what the machine shows of itself; NaN where a signal could not be read.
  virtual void signals(const std::vector<watch::Signal>&, const std::vector<double>&) {}
  virtual void warning(const std::string&) {}
};

struct Settings {
  std::string folder;  // of the run; has artifacts/
  std::string runner;  // path of assay-runner
  std::string kernel_log = "/dev/kmsg";
  uint64_t seed = 0;
  core::Consent consent;
  core::RunSeal seal = {};  // of what the run keeps of the consent
};

/// The signals that a run on this machine keeps, with the files that they go to.
std::vector<journal::SignalInfo> signals_of(const inventory::SystemRoot& root, const inventory::Machine& machine);

/// Seconds after its start that a run which was cut off was last seen alive: by its journal, or by a sample of its
/// signals, which come each second.
double last_sign_of_life(const std::string& run_folder, const journal::Record& record);

/// Runs the plan to its end, or until the user stops it (SIGINT, SIGTERM). `signals`: as the run's start names them.
/// `before` is the record of an earlier part of
/// the same run, or nullptr: what it finished is not run again. Throws core::Trouble when the journal cannot be
/// written; running trials are ended first.
void run(const plan::ResolvedPlan& plan, const inventory::SystemRoot& root, const inventory::Machine& machine,
         const Settings& settings, const std::vector<journal::SignalInfo>& signals, journal::Writer& journal,
         Observer& observer, const journal::Record* before);

}  // namespace assay::engine
