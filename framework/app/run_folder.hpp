// A run's folder: made, filled with the journal, and left with a record and a report.
#pragma once

#include <csignal>
#include <string>

#include "core/durable_folder.hpp"
#include "engine/engine.hpp"
#include "journal/conclusion.hpp"
#include "journal/writer.hpp"
#include "sealing.hpp"
#include "setup.hpp"

namespace assay::app {

/// Makes the folder that `--out` names, or one by the date and the plan. Throws core::BadInput when it exists.
core::DurableFolder make_folder(const RunOptions& options, const std::string& plan);

/// Runs from where the journal stands to the end. `before` is what an earlier part of the run recorded, or nullptr;
/// `seal`: Signer::seal() where the run is this station's.
void execute(const Setup& setup, const core::DurableFolder& folder, const std::string& kernel_log,
             const journal::RunStart& start, journal::Writer& writer, engine::Observer& observer,
             const journal::Record* before, const core::RunSeal& seal);

/// Writes the journal's last line, which carries the result. After it the run has ended.
void end_journal(journal::Writer& writer);

struct Outcome {
  journal::Record record;
  journal::Conclusion conclusion;
  bool written = true;  // record, report and manifest
};
/// Writes record.json, report.html and the manifest of a run that has ended, from its journal's bytes; each is whole
/// and on the disk before the next, the signature last. It can be cut off anywhere and done again. Only a journal that
/// is tied to this station is signed. What cannot be written is told on stderr: no verdict is lost for it.
Outcome close_run(const core::DurableFolder& folder, const std::string& journal, const Signer& signer);

/// False when an ended run lacks what close_run() writes: the host was killed in between, or the disk was full.
bool is_closed(const core::DurableFolder& folder, bool is_signed);

/// While it lives, Ctrl-C and SIGTERM wait: the engine takes them as a wish to stop, and nothing cuts off what is
/// written after it.
class HeldSignals {
 public:
  HeldSignals() {
    sigset_t wanted;
    sigemptyset(&wanted);
    for (const int signal : {SIGINT, SIGTERM}) sigaddset(&wanted, signal);
    sigprocmask(SIG_BLOCK, &wanted, &before_);
  }
  ~HeldSignals() { sigprocmask(SIG_SETMASK, &before_, nullptr); }
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;

 private:
  sigset_t before_{};
};

/// Says how the run ended; returns the exit code.
int tell_outcome(const Outcome& outcome, const std::string& folder, bool as_json);

}  // namespace assay::app
