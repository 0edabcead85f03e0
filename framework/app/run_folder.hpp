// A run's folder: made, filled with the journal, and left with a record and a report.
#pragma once

#include <string>

#include "engine/engine.hpp"
#include "journal/conclusion.hpp"
#include "journal/writer.hpp"
#include "sealing.hpp"
#include "setup.hpp"

namespace assay::app {

/// Makes the folder that `--out` names, or one by the date and the plan. Throws core::BadInput when it exists.
std::string make_folder(const RunOptions& options, const std::string& plan);

/// Runs from where the journal stands to the end. `before` is what an earlier part of the run recorded, or nullptr.
void execute(const Setup& setup, const std::string& folder, const std::string& kernel_log,
             const journal::RunStart& start, journal::Writer& writer, engine::Observer& observer,
             const journal::Record* before);

/// Writes the journal's last line, which carries the result, then record.json and report.html.
struct Outcome {
  journal::Record record;
  journal::Conclusion conclusion;
};
Outcome close_run(const std::string& folder, journal::Writer& writer, const Signer& signer);

/// Says how the run ended; returns the exit code.
int tell_outcome(const Outcome& outcome, const std::string& folder, bool as_json);

}  // namespace assay::app
