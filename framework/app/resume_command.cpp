// assay resume.
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "core/errors.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "engine/consent.hpp"
#include "engine/engine.hpp"
#include "journal/chain.hpp"
#include "journal/held_journal.hpp"
#include "journal/reader.hpp"
#include "output.hpp"
#include "progress.hpp"
#include "run_folder.hpp"
#include "sealing.hpp"
#include "station/promises.hpp"
#include "tied.hpp"

namespace assay::app {

using core::BadInput;
using nlohmann::json;

namespace {

/// A disk of the same name can be another one after a restart; what is gone altogether the record tells.
void check_targets(const journal::Record& before, const plan::ResolvedPlan& now) {
  for (const journal::Planned& planned : before.start.planned)
    for (const auto& stage : now.stages)
      for (const auto& trial : stage.trials)
        if (trial.target.id == planned.target && trial.target.attribute("serial") != planned.serial)
          throw BadInput(planned.target + " is another one than when the run began (serial number " +
                         core::safe_text(trial.target.attribute("serial"), 60) + ", was " +
                         core::safe_text(planned.serial, 60) + "): begin a new run");
}

/// A journal says which plugins are loaded and what may be written: it must be this user's own, and nobody else's to
/// change.
void check_owner(const std::string& path, int file) {
  struct stat status {};
  if (fstat(file, &status) != 0 || status.st_uid != geteuid() || (status.st_mode & 022) != 0)
    throw BadInput(path +
                   ": belongs to another user, or others may write to it; a run is resumed by the user who began "
                   "it, from a folder of that user's own");
}

std::string text_at(const json& machine, const char* pointer) {
  const json::json_pointer at(pointer);
  return machine.is_object() && machine.contains(at) && machine[at].is_string() ? machine[at].get<std::string>() : "";
}

/// A stick goes from machine to machine: what was tested of one is none of another's.
void check_machine(const json& before, const json& now) {
  for (const char* what : {"/system/serial", "/system/product", "/board/serial", "/processor/model"}) {
    const std::string was = text_at(before, what), is = text_at(now, what);
    if (!was.empty() && !is.empty() && was != is)
      throw BadInput("this is another machine than the one that the run began on (" + std::string(what + 1) + " " +
                     core::safe_text(is, 60) + ", was " + core::safe_text(was, 60) + "): begin a new run");
  }
}

/// The same plugins, and all of them: another one could judge otherwise.
void check_plugins(const journal::Record& before, const catalog::Catalog& catalog) {
  for (const auto& used : before.start.plugins) {
    bool same = false;
    for (const auto& plugin : catalog.plugins())
      same = same || (plugin.manifest.id == used.id && plugin.sha256 == used.sha256);
    if (!same)
      throw BadInput("plugin " + used.id + " is not the one that the run began with (" + used.file + ", SHA-256 " +
                     used.sha256.substr(0, 16) +
                     "...), or is missing: put that file back (--plugin-dir), or begin a new run; what was tested so "
                     "far is kept, `assay report` shows it");
  }
}

}  // namespace

int resume(const ResumeOptions& options) {
  const Signer signer;  // first: what is wrong with the station is told before hours are spent
  const core::DurableFolder folder(options.folder);
  check_owner(options.folder, folder.fd());
  journal::HeldJournal file = journal::HeldJournal::open(folder);  // from now on nobody else writes
  check_owner(file.name(), file.fd());
  const std::string text = file.text();
  if (text.find("\"testRunStart\"") == std::string::npos)
    throw BadInput(file.name() +
                   ": the run was cut off before it began, or this is no journal of Assay; begin a new run");
  const journal::Chain chain = journal::check_chain(text);
  const journal::Record before = journal::fold(chain.hashes.empty() ? text : text.substr(0, chain.sure), file.name());
  const bool closed = before.finished() && is_closed(folder, false);
  if (closed && (!signer.has_key() || is_closed(folder, true)))
    throw BadInput(options.folder + ": this run has ended; `assay report` shows it");
  if (before.finished() && is_journal_altered(folder))
    throw BadInput(options.folder + ": its journal is not as it was signed; see `assay report verify`");
  const Tied tied = look_at_chain(file.name(), chain, before.start.run_id, signer);
  if (!tied.ours)
    complain("assay: %s is not tied to this station: %s; its report will not be signed\n", options.folder.c_str(),
             tied.why_not.c_str());
  if (before.finished()) {
    if (closed && !tied.ours) throw BadInput(options.folder + ": this run has ended; `assay report` shows it");
    if (!chain.hashes.empty() && chain.sure != text.size())
      throw BadInput(file.name() + ": lines were added after the run's end; begin a new run");
    // Signed once, what the folder held then is what was signed.
    if (tied.ours && station::was_sealed(station::folder(), before.start.run_id))
      throw BadInput(options.folder +
                     ": this station has sealed this run, and what is there now is not sealed any more; see `assay "
                     "report verify`. Take the folder from a copy that is whole");
    // It was cut off after its end: what it leaves behind is written now.
    return tell_outcome(close_run(folder, text, signer), options.folder, options.json);
  }
  const json recipe = core::parse_json(before.start.recipe, options.folder + ": the run's recipe");
  RunOptions again;
  again.plugin_folders = options.plugin_folders.empty() ? recipe.at("plugin_folders").get<std::vector<std::string>>()
                                                        : options.plugin_folders;
  again.duration = recipe.at("duration");
  again.only = recipe.at("only").get<std::vector<std::string>>();
  again.targets = recipe.at("targets").get<std::vector<std::string>>();
  again.inject = recipe.at("inject");
  // Nobody is asked again: the consent was for this run. Runs of an older version had none.
  again.allow = recipe.value("allow", std::vector<std::string>{});
  again.backup = recipe.value("backup", "");
  again.erase = recipe.value("erase", std::vector<std::string>{});
  again.confirm = recipe.value("confirm", -1);
  again.allow_gaps = recipe.value("allow_gaps", false);
  again.command_line = options.command_line;
  const std::string plan = recipe.at("plan");
  const Setup setup = prepare(again, &plan, recipe.at("proof_only"));
  check_plugins(before, setup.catalog);
  check_targets(before, setup.resolved);
  const json machine = core::parse_json(before.start.machine, options.folder + ": the machine");
  const std::string boot = text_at(machine, "/software/boot_id");
  check_machine(machine, core::parse_json(inventory::to_json(setup.machine), "the inventory"));
  const core::RunSeal seal = tied.ours ? signer.seal(before.start.run_id) : core::RunSeal{};
  engine::check_consent(setup.resolved, setup.root, before, options.folder, seal);
  const bool restarted = !boot.empty() && boot != setup.machine.software.boot_id;
  // Whoever cannot vouch for what is there signs nothing that follows it either.
  journal::Writer writer =
      journal::Writer::resume(std::move(file), tied.ours ? signer.tie(before.start.run_id) : journal::Tie{});
  for (const journal::Trial& trial : before.trials)
    if (!trial.end) {
      writer.error(trial.start.id, {"trial-aborted", "The run was cut off while this trial ran."});
      writer.trial_end(trial.start.id,
                       {core::Status::aborted, core::Result::none,
                        "The run was cut off while this trial ran; it was run again.", "interrupted", 0, 0, 0});
    }
  std::string running;
  for (const journal::Trial& trial : before.trials)
    if (!trial.end)
      running += (running.empty() ? " while these ran: " : ", ") + trial.start.test + " on " + trial.start.target.id;
  writer.run_error({"assay.interrupted",
                    fmt::format("The run was cut off after {}{}. It was continued by `assay resume`.",
                                core::format_duration(engine::last_sign_of_life(options.folder, before)), running)});
  if (restarted) writer.run_error({"assay.restarted", "The machine was restarted in mid-run" + running + "."});
  if (!tied.ours)
    writer.run_error(
        {"assay.not-tied",
         "The journal up to here is not tied to the station that went on with the run: " + tied.why_not + "."});
  const journal::Record record = journal::fold(writer.text(), options.folder);
  const auto done =
      std::count_if(before.trials.begin(), before.trials.end(), [](const auto& t) { return t.end.has_value(); });
  say("Going on with %s, %td trial(s) are done.\n", options.folder.c_str(), done);
  const HeldSignals held;
  const auto progress = make_progress(options.json);
  execute(setup, folder, options.kernel_log, before.start, writer, *progress, &record, seal);
  end_journal(writer);
  return tell_outcome(close_run(folder, writer.text(), signer), options.folder, options.json);
}

}  // namespace assay::app
