// assay run.
#include <cstdio>

#include "commands.hpp"
#include "core/text.hpp"
#include "journal/reader.hpp"
#include "output.hpp"
#include "progress.hpp"
#include "run_folder.hpp"

namespace assay::app {
namespace {

/// Somebody who allows a thing expects it to happen.
void tell_unused_consent(const Setup& setup) {
  const auto planned = [&](catalog::Effect effect) {
    for (const auto& stage : setup.resolved.stages)
      for (const auto& trial : stage.trials)
        if (trial.test->effect == effect && trial.purpose == core::Purpose::test) return true;
    return false;
  };
  for (const auto& [allowed, effect] : {std::pair{setup.consent.scratch, catalog::Effect::scratch},
                                        std::pair{setup.consent.destructive, catalog::Effect::destructive}})
    if (allowed && !planned(effect))
      complain("assay: --allow %s: no test of this run uses it; `assay plan explain` tells why\n",
               std::string(catalog::name(effect)).c_str());
}

/// What the operator can still mend, and what the given time will not reach, is told before the time is spent.
void tell_before_it_begins(const plan::ResolvedPlan& plan) {
  for (const std::string& hint : plan.hints) complain("assay: %s\n", hint.c_str());
  bool any = false;
  for (const auto& n : plan.not_tested) {
    if (!n.operators) continue;
    any = true;
    complain("assay: will not be tested: %s%s: %s\n", n.test.c_str(),
             n.target.empty() ? "" : (" on " + n.target).c_str(), n.reason.c_str());
  }
  if (any)
    complain("assay: the run will be incomplete (exit code 3) for that; --allow-gaps accepts it, Ctrl-C stops it\n");
}

}  // namespace

int run(const RunOptions& options) {
  const Signer signer;  // first: what is wrong with the station is told before hours are spent
  const Setup setup = prepare(options, nullptr, false);
  tell_unused_consent(setup);
  tell_before_it_begins(setup.resolved);
  // Before anything is made: what cannot be recorded must not leave half a folder.
  const journal::RunStart start = make_start(setup, choose_seed(options));
  const core::DurableFolder folder = make_folder(options, setup.resolved.id);
  journal::Writer writer = journal::Writer::create(folder, signer.tie(start.run_id));
  writer.run_start(start);
  if (!options.json)
    say("%s: about %s. Writing to %s\n", core::in_language(setup.resolved.title, "en").c_str(),
        core::format_duration(setup.resolved.seconds).c_str(), folder.name().c_str());
  const HeldSignals held;
  const auto progress = make_progress(options.json);
  execute(setup, folder, options.kernel_log, start, writer, *progress, nullptr, signer.seal(start.run_id));
  end_journal(writer);
  return tell_outcome(close_run(folder, writer.text(), signer), folder.name(), options.json);
}

}  // namespace assay::app
