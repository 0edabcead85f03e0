#include "setup.hpp"

#include <fmt/format.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/clock.hpp"
#include "core/errors.hpp"
#include "core/text.hpp"
#include "engine/engine.hpp"
#include "march_texts.hpp"
#include "needs_text.hpp"
#include "version.hpp"

namespace assay::app {
namespace {

namespace fs = std::filesystem;
using core::BadInput;
using nlohmann::json;

core::Consent consent(const RunOptions& options) {
  const auto allows = [&](const char* effect) {
    return std::find(options.allow.begin(), options.allow.end(), effect) != options.allow.end();
  };
  return {allows("scratch"), allows("destructive"), options.backup, options.erase};
}

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
  result.confirm = options.confirm;
  result.allow_gaps = options.allow_gaps;
  result.root = geteuid() == 0;
  result.consent = consent(options);
  return result;
}

catalog::Catalog load_catalog(const Locations& locations) {
  catalog::Catalog catalog = catalog::Catalog::load(locations.plugin_folders);
  ask_the_station(catalog);
  if (!catalog.plugins().empty()) return catalog;
  const std::string folders = fmt::format("{}", fmt::join(locations.plugin_folders, ", "));
  std::string why;
  for (const auto& refusal : catalog.refusals()) why += "\n  " + refusal.path + " " + refusal.reason;
  if (why.empty()) why = ": no file there ends in .so";
  throw BadInput("no plugin that can be used in " + folders + why);
}

journal::TestInfo test_info(const catalog::Plugin& plugin, const catalog::Test& test) {
  journal::TestInfo info{test.id,
                         plugin.manifest.id,
                         test.subsystem,
                         test.binds,
                         std::string(catalog::name(test.effect)),
                         test.title,
                         test.description,
                         test.advice,
                         {},
                         {},
                         test.least_coverage,
                         {}};
  for (const auto& m : test.measurements) info.measurements.push_back({m.key, m.unit, m.title, m.coverage});
  for (const auto& i : test.injections) info.injections.push_back({i.id, i.title});
  for (const auto& p : test.parameters)
    if (p.extent) info.extent.push_back(p.key);
  return info;
}

std::vector<journal::Planned> planned(const plan::ResolvedPlan& plan) {
  std::vector<journal::Planned> list;
  for (const auto& stage : plan.stages)
    for (const auto& trial : stage.trials)
      if (trial.purpose == core::Purpose::test)
        list.push_back({trial.test->id, trial.target.id, trial.target.attribute("serial"),
                        trial.required || trial.if_present, stage.id, trial.entry, trial.least_coverage});
  return list;
}

std::string command_again(const RunOptions& options) {
  std::string line = "assay run " + core::shell_word(options.plan);
  for (const auto& folder : options.plugin_folders) line += " --plugin-dir " + core::shell_word(folder);
  if (!options.duration.empty()) line += " --duration " + core::shell_word(options.duration);
  if (!options.inject.empty()) line += " --inject " + core::shell_word(options.inject);
  if (options.confirm >= 0) line += fmt::format(" --confirm {}", options.confirm);
  if (options.allow_gaps) line += " --allow-gaps";
  // What overwrites a device must be allowed anew.
  if (consent(options).scratch) line += " --allow scratch";
  return line;
}

uint64_t random_number() {
  uint64_t value = 0;
  if (getrandom(&value, sizeof value, 0) != sizeof value) value = static_cast<uint64_t>(core::monotonic_ns());
  return value;
}

/// So that a path means the same when the run goes on from another folder; the last part, a link perhaps, stays as it
/// was given. What is a target's id, a pattern or a serial number is no path, though a file here may be called so.
RunOptions with_whole_paths(RunOptions options, const std::vector<core::Target>& targets) {
  const auto whole = [](const std::string& name) {
    std::error_code error;
    if (name.empty() || !fs::exists(name, error) || fs::path(name).filename().empty()) return std::string();
    const fs::path given = fs::absolute(name, error), folder = fs::canonical(given.parent_path(), error);
    return error ? std::string() : (folder / given.filename()).string();
  };
  for (std::string& name : options.targets) {
    const bool is_id = std::any_of(targets.begin(), targets.end(),
                                   [&](const core::Target& target) { return core::matches_glob(name, target.id); });
    if (const std::string path = whole(name); !is_id && !path.empty()) name = path;
  }
  for (std::string& name : options.erase)
    if (const std::string path = whole(name);
        name.rfind("/dev/disk/", 0) != 0 &&
        std::find(options.targets.begin(), options.targets.end(), path) != options.targets.end())
      name = path;
  return options;
}

}  // namespace

Setup prepare(const RunOptions& options, const std::string* plan_text, bool proof_only) {
  Setup setup{find_locations(options.plugin_folders), {}, inventory::SystemRoot(), {}, {}, {}, {}, {}, proof_only};
  plan_options(options);  // what is wrong with them is told first
  if (!proof_only)
    setup.plan = plan_text == nullptr ? plan::load_plan(options.plan, setup.locations.plan_folders)
                                      : plan::parse_plan("the run's plan", *plan_text);
  setup.catalog = load_catalog(setup.locations);
  check_march_texts(setup.plan, setup.catalog);
  setup.machine = inventory::take_inventory(setup.root);
  const auto targets = inventory::targets(setup.machine);
  setup.options = with_whole_paths(options, targets);
  const plan::Options choices = plan_options(setup.options);
  setup.consent = choices.consent;
  setup.resolved = proof_only ? plan::resolve_proof(setup.catalog, targets, choices)
                              : plan::resolve(setup.plan, setup.catalog, targets, choices);
  return setup;
}

uint64_t choose_seed(const RunOptions& options) { return options.seed.value_or(random_number() >> 16); }

journal::RunStart make_start(const Setup& setup, uint64_t seed) {
  const RunOptions& options = setup.options;
  journal::RunStart start;
  start.run_id = fmt::format("{:016x}", random_number());
  start.version = version;
  start.zone = core::zone_at(core::wall_ns());
  start.command_line = options.command_line;
  start.plan_id = setup.resolved.id;
  start.plan_title = setup.resolved.title;
  start.planned_seconds = setup.resolved.seconds;
  start.seed = seed;
  start.consent = setup.consent;
  start.rehearsal = !options.inject.empty();
  start.machine = inventory::to_json(setup.machine);
  start.recipe = json{{"plan", setup.plan.text},      {"proof_only", setup.proof_only},
                      {"duration", options.duration}, {"only", options.only},
                      {"targets", options.targets},   {"inject", options.inject},
                      {"allow", options.allow},       {"backup", options.backup},
                      {"erase", options.erase},       {"plugin_folders", options.plugin_folders},
                      {"confirm", options.confirm},   {"allow_gaps", options.allow_gaps}}
                     .dump();
  for (const auto& plugin : setup.catalog.plugins()) {
    const auto& m = plugin.manifest;
    start.plugins.push_back({m.id, m.version, m.vendor, fs::path(plugin.path).filename().string(), plugin.sha256, {}});
    for (const auto& library : plugin.dependencies)
      start.plugins.back().libraries.push_back({fs::path(library.path).filename().string(), library.sha256});
    for (const auto& test : m.tests) start.tests.push_back(test_info(plugin, test));
  }
  for (const auto& refusal : setup.catalog.refusals())
    start.refused.push_back({fs::path(refusal.path).filename().string(), refusal.reason});
  start.not_tested = setup.resolved.not_tested;
  start.planned = planned(setup.resolved);
  start.signals = engine::signals_of(setup.root, setup.machine);
  start.again = command_again(options);
  for (const auto& glob : options.only) start.narrowed.push_back("--only " + glob);
  for (const auto& target : options.targets) start.narrowed.push_back("--target " + target);
  return start;
}

}  // namespace assay::app
