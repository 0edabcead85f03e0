// assay run, assay prove, assay plan explain, assay resume.
#include <fmt/format.h>
#include <sys/random.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "catalog/catalog.hpp"
#include "commands.hpp"
#include "core/clock.hpp"
#include "core/errors.hpp"
#include "core/text.hpp"
#include "engine/engine.hpp"
#include "journal/conclusion.hpp"
#include "journal/reader.hpp"
#include "locations.hpp"
#include "plan/resolve.hpp"
#include "progress.hpp"
#include "reports/view.hpp"
#include "version.hpp"

namespace assay::app {
namespace {

namespace fs = std::filesystem;
using core::BadInput;
using nlohmann::json;

/// Everything that a run needs, from options alone; `assay resume` makes it again from the journal.
struct Setup {
  Locations locations;
  catalog::Catalog catalog;
  inventory::SystemRoot root;
  inventory::Machine machine;
  plan::Plan plan;
  plan::ResolvedPlan resolved;
  bool proof_only = false;
};

plan::Options plan_options(const RunOptions& options) {
  plan::Options result;
  if (!options.duration.empty()) {
    const auto seconds = core::parse_duration(options.duration);
    if (!seconds || *seconds <= 0)
      throw BadInput("--duration " + core::safe_text(options.duration, 40) + ": is not a duration, such as 90s or 1h");
    result.seconds = *seconds;
  }
  result.only = options.only;
  result.targets = options.targets;
  result.inject = options.inject;
  result.root = geteuid() == 0;
  return result;
}

catalog::Catalog load_catalog(const Locations& locations) {
  catalog::Catalog catalog = catalog::Catalog::load(locations.plugin_folders);
  if (!catalog.plugins().empty()) return catalog;
  const std::string folders = fmt::format("{}", fmt::join(locations.plugin_folders, ", "));
  std::string why;
  for (const auto& refusal : catalog.refusals()) why += "\n  " + refusal.path + " " + refusal.reason;
  throw BadInput("no plugin that can be used in " + folders + why);
}

Setup prepare(const RunOptions& options, const std::string* plan_text, bool proof_only) {
  Setup setup{find_locations(options.plugin_folders), {}, inventory::SystemRoot(), {}, {}, {}, proof_only};
  const plan::Options choices = plan_options(options);
  if (!proof_only)
    setup.plan = plan_text == nullptr ? plan::load_plan(options.plan, setup.locations.plan_folders)
                                      : plan::parse_plan("the run's plan", *plan_text);
  setup.catalog = load_catalog(setup.locations);
  setup.machine = inventory::take_inventory(setup.root);
  const auto targets = inventory::targets(setup.machine);
  setup.resolved = proof_only ? plan::resolve_proof(setup.catalog, targets, choices)
                              : plan::resolve(setup.plan, setup.catalog, targets, choices);
  return setup;
}

journal::TestInfo test_info(const catalog::Plugin& plugin, const catalog::Test& test) {
  journal::TestInfo info{
      test.id,    plugin.manifest.id, test.subsystem, test.binds, std::string(catalog::name(test.effect)),
      test.title, test.description,   test.advice,    {},         {}};
  for (const auto& m : test.measurements) info.measurements.push_back({m.key, m.unit, m.title, m.coverage});
  for (const auto& i : test.injections) info.injections.push_back({i.id, i.title});
  return info;
}

uint64_t random_number() {
  uint64_t value = 0;
  if (getrandom(&value, sizeof value, 0) != sizeof value) value = static_cast<uint64_t>(core::monotonic_ns());
  return value;
}

journal::RunStart make_start(const Setup& setup, const RunOptions& options, uint64_t seed) {
  journal::RunStart start;
  start.run_id = fmt::format("{:016x}", random_number());
  start.version = version;
  start.command_line = options.command_line;
  start.plan_id = setup.resolved.id;
  start.plan_title = setup.resolved.title;
  start.planned_seconds = setup.resolved.seconds;
  start.seed = seed;
  start.rehearsal = !options.inject.empty();
  start.machine = inventory::to_json(setup.machine);
  start.recipe = json{{"plan", setup.plan.text},
                      {"proof_only", setup.proof_only},
                      {"duration", options.duration},
                      {"only", options.only},
                      {"targets", options.targets},
                      {"inject", options.inject},
                      {"plugin_folders", options.plugin_folders}}
                     .dump();
  for (const auto& plugin : setup.catalog.plugins()) {
    const auto& m = plugin.manifest;
    start.plugins.push_back(
        {m.id, m.version, m.vendor, fs::path(plugin.path).filename().string(), core::sha256_of_file(plugin.path)});
    for (const auto& test : m.tests) start.tests.push_back(test_info(plugin, test));
  }
  for (const auto& refusal : setup.catalog.refusals())
    start.refused.push_back({fs::path(refusal.path).filename().string(), refusal.reason});
  start.not_tested = setup.resolved.not_tested;
  return start;
}

std::string make_folder(const RunOptions& options, const std::string& plan) {
  std::string folder = options.out;
  if (folder.empty()) {
    std::string stamp = core::timestamp(core::wall_ns()).substr(0, 19);
    for (char& c : stamp)
      if (c == ':') c = '-';
    folder = "assay-runs/" + stamp + "-" + plan;
  }
  std::error_code error;
  if (fs::exists(folder, error)) throw BadInput("--out " + folder + ": exists already; a run needs a new folder");
  fs::create_directories(folder + "/artifacts", error);
  if (error) throw BadInput("--out " + folder + ": cannot be made: " + error.message());
  return folder;
}

void write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file)
    throw core::Trouble(path + " cannot be written; the journal holds the results: `assay report " +
                        fs::path(path).parent_path().string() + "` draws them again");
}

/// What a run leaves beside its journal, and what it says at its end.
int finish(const std::string& folder, bool as_json) {
  const journal::Record record = journal::read(folder);
  const journal::Conclusion conclusion = journal::conclude(record);
  const reports::View view = reports::make_view(record, conclusion, "en");
  if (as_json) {
    std::printf("%s\n", json{{"event", "end"},
                             {"result", core::name(conclusion.result)},
                             {"complete", conclusion.complete},
                             {"exit_code", static_cast<int>(conclusion.exit_code)},
                             {"folder", folder}}
                            .dump()
                            .c_str());
  } else {
    std::printf("\n%s: %s\n%s\n", view.verdict.word.c_str(), view.headline.c_str(), view.proof.c_str());
    for (const auto& f : view.findings)
      std::printf("  %s: %s: %s %s\n", f.state.word.c_str(), f.title.c_str(), f.text.c_str(), f.seen.c_str());
    for (const auto& t : view.troubles) std::printf("  Trouble: %s: %s\n", t.what.c_str(), t.reason.c_str());
    for (const auto& n : view.not_tested) std::printf("  Not tested: %s: %s\n", n.what.c_str(), n.why.c_str());
    std::printf("Took %s, estimated %s.\n", core::format_duration(record.seconds).c_str(),
                core::format_duration(record.start.planned_seconds).c_str());
    std::printf("Report: %s/report.html\n", folder.c_str());
  }
  std::fflush(stdout);
  write_file(folder + "/record.json", journal::to_json(record, conclusion));
  write_file(folder + "/report.html", reports::html(view));
  return static_cast<int>(conclusion.exit_code);
}

/// Runs from where the journal stands to the end.
void execute(const Setup& setup, const std::string& folder, const std::string& kernel_log, bool as_json, uint64_t seed,
             journal::Writer& writer, const journal::Record* before) {
  const auto progress = make_progress(as_json);
  if (!as_json && before == nullptr)
    std::printf("%s: about %s. Writing to %s\n", core::in_language(setup.resolved.title, "en").c_str(),
                core::format_duration(setup.resolved.seconds).c_str(), folder.c_str());
  for (const auto& refusal : setup.catalog.refusals())
    progress->warning("plugin " + refusal.path + " is refused: " + refusal.reason);
  engine::Settings settings{fs::absolute(folder).string(), setup.locations.runner, kernel_log, seed};
  engine::run(setup.resolved, setup.root, setup.machine, settings, writer, *progress, before);
}

/// The last line of a journal needs the verdict, and the verdict needs a journal that has ended.
void close_journal(const std::string& folder, journal::Writer& writer) {
  journal::Record record = journal::read(folder);
  record.ended_at = "now";
  const journal::Conclusion conclusion = journal::conclude(record);
  writer.run_end(record.start.rehearsal ? core::Result::none : conclusion.result, conclusion.complete);
}

int run_prepared(const Setup& setup, const RunOptions& options) {
  const uint64_t seed = options.seed.value_or(random_number() >> 16);
  const std::string folder = make_folder(options, setup.resolved.id);
  journal::Writer writer = journal::Writer::create(journal::journal_path(folder));
  writer.run_start(make_start(setup, options, seed));
  execute(setup, folder, options.kernel_log, options.json, seed, writer, nullptr);
  close_journal(folder, writer);
  return finish(folder, options.json);
}

std::string trial_line(const plan::PlannedTrial& trial) {
  std::string parameters;
  for (const auto& [key, value] : trial.parameters) parameters += fmt::format(" {}={}", key, core::to_text(value));
  std::string what = trial.purpose == core::Purpose::control ? " (control)"
                     : trial.injection.empty()               ? ""
                                                             : " (planted fault " + trial.injection + ")";
  return fmt::format("  {:<26} {:<22} {:>8} {}{}{}", trial.test->id, trial.target.id,
                     core::format_duration(trial.seconds), catalog::name(trial.test->effect), parameters, what);
}

json explain_json(const plan::ResolvedPlan& plan) {
  json stages = json::array();
  for (const auto& stage : plan.stages) {
    json trials = json::array();
    for (const auto& t : stage.trials) {
      json parameters = json::object();
      for (const auto& [key, value] : t.parameters)
        parameters[key] = std::visit([](const auto& v) { return json(v); }, value);
      trials.push_back({{"test", t.test->id},
                        {"target", t.target.id},
                        {"purpose", core::name(t.purpose)},
                        {"injection", t.injection},
                        {"seconds", t.seconds},
                        {"time_limit", t.time_limit},
                        {"effect", catalog::name(t.test->effect)},
                        {"required", t.required},
                        {"parameters", parameters}});
    }
    stages.push_back({{"id", stage.id},
                      {"parallel", stage.parallel},
                      {"soak", stage.soak},
                      {"repeat", stage.repeat},
                      {"seconds", stage.seconds},
                      {"trials", trials}});
  }
  json gaps = json::array();
  for (const auto& n : plan.not_tested)
    gaps.push_back({{"test", n.test},
                    {"target", n.target},
                    {"category", n.category},
                    {"reason", n.reason},
                    {"required", n.required}});
  return {{"plan", plan.id}, {"seconds", plan.seconds}, {"stages", stages}, {"not_tested", gaps}};
}

}  // namespace

int run(const RunOptions& options) { return run_prepared(prepare(options, nullptr, false), options); }

int prove(const RunOptions& options) {
  const Setup setup = prepare(options, nullptr, true);
  const uint64_t seed = options.seed.value_or(random_number() >> 16);
  const std::string folder = make_folder(options, "prove");
  journal::Writer writer = journal::Writer::create(journal::journal_path(folder));
  writer.run_start(make_start(setup, options, seed));
  if (options.json) {
    engine::Observer silent;
    engine::run(setup.resolved, setup.root, setup.machine,
                {fs::absolute(folder).string(), setup.locations.runner, options.kernel_log, seed}, writer, silent,
                nullptr);
  } else {
    execute(setup, folder, options.kernel_log, false, seed, writer, nullptr);
  }
  close_journal(folder, writer);
  const journal::Record record = journal::read(folder);
  const journal::Conclusion c = journal::conclude(record);
  write_file(folder + "/record.json", journal::to_json(record, c));
  write_file(folder + "/report.html", reports::html(reports::make_view(record, c, "en")));

  bool all = !record.stopped_by_user && c.not_tested.empty() && !c.proofs.empty();
  json list = json::array();
  for (const auto& p : c.proofs) {
    all = all && p.proven();
    list.push_back({{"test", p.test},
                    {"injection", p.injection},
                    {"proven", p.proven()},
                    {"detected", p.detected},
                    {"control_passed", p.control_passed},
                    {"stand_in", p.stand_in},
                    {"reason", p.reason}});
    if (!options.json && !p.proven())
      std::printf("Not proven: %s %s: %s\n", p.test.c_str(), p.injection.c_str(), p.reason.c_str());
  }
  std::vector<std::string> unproven;
  for (const auto& plugin : setup.catalog.plugins())
    for (const auto& test : plugin.manifest.tests) {
      bool selected = options.only.empty();
      for (const auto& glob : options.only) selected = selected || core::matches_glob(glob, test.id);
      if (selected && test.injections.empty()) unproven.push_back(test.id);
    }
  all = all && unproven.empty();
  if (options.json) {
    json gaps = json::array();
    for (const auto& n : c.not_tested)
      gaps.push_back({{"test", n.test}, {"category", n.category}, {"reason", n.reason}});
    std::printf("%s\n", json{{"proven", c.proven()},
                             {"total", c.proofs.size()},
                             {"all", all},
                             {"proofs", list},
                             {"not_tried", gaps},
                             {"without_injection", unproven},
                             {"folder", folder}}
                            .dump(2)
                            .c_str());
  } else {
    for (const auto& n : c.not_tested)
      std::printf("Not tried: %s: %s: %s\n", n.test.c_str(), n.category.c_str(), n.reason.c_str());
    for (const auto& id : unproven) std::printf("Unproven: %s offers no injection\n", id.c_str());
    std::printf("Shown able to fail: %d of %zu.\n", c.proven(), c.proofs.size());
  }
  if (record.stopped_by_user) return static_cast<int>(core::ExitCode::interrupted);
  return static_cast<int>(all ? core::ExitCode::pass : core::ExitCode::incomplete);
}

int explain_plan(const RunOptions& options) {
  const Setup setup = prepare(options, nullptr, false);
  if (options.json) return std::printf("%s\n", explain_json(setup.resolved).dump(2).c_str()), 0;
  std::printf("%s: about %s\n", core::in_language(setup.resolved.title, "en").c_str(),
              core::format_duration(setup.resolved.seconds).c_str());
  if (!setup.plan.description.empty()) std::printf("%s\n", core::in_language(setup.plan.description, "en").c_str());
  for (const auto& stage : setup.resolved.stages) {
    if (stage.trials.empty()) continue;
    std::printf("\n%s: about %s, %s%s%s\n", core::in_language(stage.title, "en").c_str(),
                core::format_duration(stage.seconds).c_str(), stage.parallel ? "all at once" : "one at a time",
                stage.soak ? ", sharing everything" : "", stage.repeat ? ", again and again" : "");
    for (const auto& trial : stage.trials) std::printf("%s\n", trial_line(trial).c_str());
  }
  std::printf("\nWill not be tested:\n");
  for (const auto& n : setup.resolved.not_tested)
    std::printf("  %-26s %s: %s%s\n", n.test.c_str(), n.category.c_str(), n.reason.c_str(),
                n.required ? " (required: the run will be incomplete)" : "");
  if (setup.resolved.not_tested.empty()) std::printf("  nothing of this plan\n");
  return 0;
}

int resume(const ResumeOptions& options) {
  const journal::Record before = journal::read(options.folder);
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
  again.command_line = options.command_line;
  const std::string text = recipe.at("plan");
  const Setup setup = prepare(again, &text, recipe.at("proof_only"));
  for (const auto& used : before.start.plugins)
    for (const auto& plugin : setup.catalog.plugins())
      if (plugin.manifest.id == used.id && core::sha256_of_file(plugin.path) != used.sha256)
        throw BadInput("plugin " + used.id +
                       " is not the one that the run began with; a run is not continued with another");

  journal::Writer writer = journal::Writer::resume(journal::journal_path(options.folder));
  const json machine = json::parse(before.start.machine);
  const std::string boot = machine.value("/software/boot_id"_json_pointer, "");
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
  writer.run_error(
      {"assay.interrupted", fmt::format("The run was cut off after {}{}. It was continued by `assay resume`.",
                                        core::format_duration(before.seconds), running)});
  if (restarted) writer.run_error({"assay.restarted", "The machine was restarted in mid-run" + running + "."});
  const journal::Record record = journal::read(options.folder);
  std::printf("Going on with %s, %zu trials are done.\n", options.folder.c_str(), before.trials.size());
  execute(setup, options.folder, options.kernel_log, options.json, before.start.seed, writer, &record);
  close_journal(options.folder, writer);
  return finish(options.folder, options.json);
}

}  // namespace assay::app
