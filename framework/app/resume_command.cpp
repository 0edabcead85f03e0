// assay resume.
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "core/errors.hpp"
#include "core/text.hpp"
#include "engine/engine.hpp"
#include "journal/reader.hpp"
#include "progress.hpp"
#include "run_folder.hpp"
#include "sealing.hpp"

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
void check_owner(const std::string& folder) {
  for (const std::string& path : {folder, journal::journal_path(folder)}) {
    struct stat status {};
    if (lstat(path.c_str(), &status) != 0) continue;  // what is not there is told by whoever reads it
    if (status.st_uid != geteuid() || (status.st_mode & 022) != 0)
      throw BadInput(path +
                     ": belongs to another user, or others may write to it; a run is resumed by the user who began "
                     "it, from a folder of that user's own");
  }
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
  check_owner(options.folder);
  if (journal::read(options.folder).finished()) {
    if (is_closed(options.folder, signer))
      throw BadInput(options.folder + ": this run has ended; `assay report` shows it");
    if (is_journal_altered(options.folder))
      throw BadInput(options.folder + ": its journal is not as it was signed; see `assay report verify`");
    // It was cut off after its end: what it leaves behind is written now.
    return tell_outcome(close_run(options.folder, signer), options.folder, options.json);
  }
  journal::Writer writer = journal::Writer::resume(journal::journal_path(options.folder));
  const journal::Record before = journal::read(options.folder);  // again: now nobody else can write
  if (before.finished())
    throw BadInput(options.folder + ": this run has ended" + (before.stopped_by_user ? ", by the user" : "") +
                   "; `assay report` shows it");
  const json recipe = json::parse(before.start.recipe);
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
  const std::string text = recipe.at("plan");
  const Setup setup = prepare(again, &text, recipe.at("proof_only"));
  check_plugins(before, setup.catalog);
  check_targets(before, setup.resolved);
  const json machine = json::parse(before.start.machine);
  const std::string boot = text_at(machine, "/software/boot_id");
  check_machine(machine, json::parse(inventory::to_json(setup.machine)));
  const bool restarted = !boot.empty() && boot != setup.machine.software.boot_id;
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
  const journal::Record record = journal::read(options.folder);
  const auto done =
      std::count_if(before.trials.begin(), before.trials.end(), [](const auto& t) { return t.end.has_value(); });
  std::printf("Going on with %s, %td trial(s) are done.\n", options.folder.c_str(), done);
  const HeldSignals held;
  const auto progress = make_progress(options.json);
  execute(setup, options.folder, options.kernel_log, before.start, writer, *progress, &record);
  end_journal(options.folder, writer);
  return tell_outcome(close_run(options.folder, signer), options.folder, options.json);
}

}  // namespace assay::app
