#include "plan/resolve.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/errors.hpp"
#include "core/text.hpp"
#include "gaps.hpp"
#include "missing_target.hpp"
#include "obstacles.hpp"
#include "plan/target_names.hpp"
#include "time_shares.hpp"
#include "tools.hpp"

namespace assay::plan {
namespace {

using catalog::Test;
using core::BadInput;
using core::Target;

bool any_matches(const std::vector<std::string>& globs, const std::string& text) {
  return std::any_of(globs.begin(), globs.end(),
                     [&](const std::string& glob) { return core::matches_glob(glob, text); });
}

class Resolver {
 public:
  Resolver(const catalog::Catalog& catalog, const std::vector<Target>& targets, const Options& options)
      : catalog_(catalog), targets_(targets), options_(options) {
    choose_targets();
    for (const std::string& glob : options_.only) check_names_a_test(glob);
    for (const std::string& name : options_.consent.erase) check_given_up(targets_, targets, name);
  }

  ResolvedPlan plan(const Plan& given) {
    result_.id = given.id;
    result_.title = given.title;
    result_.confirm = options_.confirm < 0 ? given.confirm : options_.confirm;
    scale_ = scale(given);
    check_inject(given);
    std::vector<PlannedStage> stages;
    for (const Stage& stage : given.stages) stages.push_back(resolve_stage(stage));
    Stage extra = asked_for_beyond(given);
    // Alone, it gets the time that was asked for; beside others it takes its own.
    if (!named_ && options_.seconds > 0) extra.seconds = options_.seconds / scale_;
    if (!extra.tests.empty()) stages.push_back(resolve_stage(extra));
    const bool selected =
        std::any_of(stages.begin(), stages.end(), [](const PlannedStage& s) { return !s.trials.empty(); });
    if (!selected && !options_.only.empty() && !named_)
      throw BadInput(fmt::format("--only {}: the plan has no such test", fmt::join(options_.only, ", ")));
    if (given.prove && options_.inject.empty()) add_proof(stages);
    for (PlannedStage& stage : stages) result_.stages.push_back(std::move(stage));
    return finish();
  }

  ResolvedPlan proof() {
    result_.id = "prove";
    result_.title["en"] = "Proof of detection";
    PlannedStage stage = proof_stage();
    for (const auto& plugin : catalog_.plugins())
      for (const Test& test : plugin.manifest.tests)
        if (is_selected(test.id)) named_ = true, prove(plugin, test, stage, test.proof);
    if (!named_)
      throw BadInput(fmt::format("no test is called {}; see `assay plugin list`", fmt::join(options_.only, ", ")));
    result_.stages.push_back(std::move(stage));
    return finish();
  }

 private:
  void choose_targets() {
    if (options_.targets.empty()) return;
    std::vector<Target> chosen;
    for (const std::string& wanted : options_.targets) {
      const size_t before = chosen.size();
      for (const Target& target : targets_)
        if (core::matches_glob(wanted, target.id) || is_path_of(target, wanted)) chosen.push_back(target);
      if (chosen.size() > before) continue;
      struct stat status {};
      if (wanted.find('/') == std::string::npos && stat(wanted.c_str(), &status) != 0)
        throw BadInput("--target " + wanted + ": no such target or file; see `assay plan explain`");
      chosen.push_back(file_target(wanted));
    }
    targets_ = chosen;
  }

  void check_names_a_test(const std::string& glob) const {
    for (const auto& plugin : catalog_.plugins())
      for (const Test& test : plugin.manifest.tests)
        if (core::matches_glob(glob, test.id)) return;
    throw BadInput("no test is called " + core::safe_text(glob, 80) + "; see `assay plugin list`");
  }

  /// Tests that --only calls by their full name, or by a pattern that fits nothing in the plan, and the plan does not
  /// have. What a pattern means beyond the plan, where it means something in it, is said.
  Stage asked_for_beyond(const Plan& plan) {
    std::set<std::string> in_plan;
    for (const Stage& stage : plan.stages)
      for (const PlanTest& use : stage.tests) in_plan.insert(use.use);
    Stage stage;
    stage.id = "asked-for";
    stage.title["en"] = "Asked for";
    for (const std::string& glob : options_.only) {
      std::vector<std::string> beyond;
      for (const auto& plugin : catalog_.plugins())
        for (const Test& test : plugin.manifest.tests)
          if (core::matches_glob(glob, test.id) && in_plan.count(test.id) == 0) beyond.push_back(test.id);
      const bool means_the_plan = std::any_of(in_plan.begin(), in_plan.end(),
                                              [&](const std::string& test) { return core::matches_glob(glob, test); });
      if (means_the_plan && !beyond.empty())
        result_.hints.push_back(fmt::format("--only {}: the plan does not have {}; name it in full to add it", glob,
                                            fmt::join(beyond, ", ")));
      for (const std::string& name : beyond) {
        if (means_the_plan || !in_plan.insert(name).second) continue;
        PlanTest test;
        test.use = name;
        test.targets = {"*"};
        test.need = name == glob ? Need::required : Need::wanted;
        test.place = "--only " + glob;
        stage.tests.push_back(test);
      }
    }
    return stage;
  }

  bool is_selected(const std::string& test) const { return options_.only.empty() || any_matches(options_.only, test); }

  double scale(const Plan& plan) const {
    double timed = 0;
    for (const Stage& stage : plan.stages) timed += stage.seconds;
    return options_.seconds > 0 && timed > 0 ? options_.seconds / timed : 1;
  }

  void check_inject(const Plan& plan) {
    if (options_.inject.empty()) return;
    const auto colon = options_.inject.find(':');
    const std::string test = options_.inject.substr(0, colon);
    const auto found = catalog_.find(test);
    if (colon == std::string::npos || !found)
      throw BadInput("--inject " + options_.inject + ": must be TEST:INJECTION; see `assay plugin list`");
    inject_test_ = test;
    inject_id_ = options_.inject.substr(colon + 1);
    const auto& list = found.test->injections;
    if (std::none_of(list.begin(), list.end(), [&](const auto& i) { return i.id == inject_id_; }))
      throw BadInput("--inject " + options_.inject + ": " + test +
                     " has no such injection; see `assay plugin inspect`");
    for (const Stage& stage : plan.stages)
      for (const PlanTest& use : stage.tests)
        if (use.use == test) return;
    if (std::find(options_.only.begin(), options_.only.end(), test) != options_.only.end()) return;
    throw BadInput("--inject " + options_.inject + ": the plan does not use " + test + "; --only " + test + " adds it");
  }

  void not_tested(const Test& test, const std::string& target, const std::string& category, const std::string& reason,
                  Need need) {
    add_gap(result_.not_tested, {test.id, target, category, reason, false, false}, need, options_);
  }

  /// Why the test may not run at all here; empty when it may.
  bool permitted(const catalog::Plugin& plugin, const Test& test, Need need) {
    if (const std::string why = why_not_allowed(plugin, test); !why.empty())
      return not_tested(test, "", "not-allowed", why, need), false;
    if (test.needs.root && !options_.root)
      return not_tested(test, "", "no-permission", "needs root; run it again with sudo", need), false;
    if (const char* why = why_not_consented(test, options_.consent); *why != '\0')
      return not_tested(test, "", "no-consent", why, need), false;
    return true;
  }

  /// False, and told, where a program that the test runs is not installed: no fault of the hardware, and no absence.
  bool has_tools(const Test& test, const Target& target, Need need) {
    for (const std::string& tool : test.needs.tools)
      if (!is_installed(tool))
        return not_tested(test, target.id, "no-tool", tool + " is not installed, and this test needs it", need), false;
    return true;
  }

  std::vector<Target> targets_of(const Test& test) const {
    std::vector<Target> found;
    for (const Target& target : targets_)
      if (target.kind == test.binds) found.push_back(target);
    return found;
  }

  PlannedStage resolve_stage(const Stage& stage) {
    PlannedStage planned{stage.id, stage.title, stage.parallel, stage.soak, stage.repeat, stage.seconds * scale_, {}};
    for (const PlanTest& use : stage.tests) {
      const auto found = catalog_.find(use.use);
      if (!found) throw BadInput(use.place + ": no plugin has a test " + core::safe_text(use.use, 80) + hint());
      if (!is_selected(use.use)) continue;
      named_ = true;
      const core::Values given = checked(*found.test, use);
      const double least = least_coverage(*found.test, use);
      if (!permitted(*found.plugin, *found.test, use.need)) continue;
      const std::vector<Target> candidates = targets_of(*found.test);
      bool any = false;
      for (const Target& target : candidates) {
        if (!any_matches(use.targets, target.id)) continue;
        any = true;
        if (const auto [category, why] = obstacle(*found.test, target, options_); !why.empty()) {
          not_tested(*found.test, target.id, category, why, use.need);
          continue;
        }
        if (!has_tools(*found.test, target, use.need)) continue;
        PlannedTrial trial = make(*found.plugin, *found.test, target, given);
        trial.entry = static_cast<int>(&use - stage.tests.data());
        trial.required = use.need == Need::required;
        trial.if_present = use.need == Need::if_present;
        trial.least_coverage = least;
        if (use.time_limit > 0) trial.time_limit = use.time_limit, trial.fixed_limit = true;
        if (found.test->id == inject_test_) trial.injection = inject_id_;
        planned.trials.push_back(trial);
      }
      if (!options_.targets.empty()) continue;
      if (!any && candidates.empty()) not_tested(*found.test, "", "absent", absence(found.test->binds), use.need);
      // A name in the plan that this machine does not have may be a slip: that is not "this machine has none".
      for (const std::string& name : use.targets)
        if (!candidates.empty() && std::none_of(candidates.begin(), candidates.end(), [&](const Target& target) {
              return core::matches_glob(name, target.id);
            }))
          not_tested(*found.test, name, "no-such-target",
                     fmt::format("no target here is called so; there are: {}", names_of(candidates)), use.need);
    }
    if (scale_ < 1) tell_what_time_lacks(planned, scale_, result_.hints);
    share_time(planned, scale_);
    return planned;
  }

  static std::string names_of(const std::vector<Target>& targets) {
    constexpr size_t most = 8;
    std::string names;
    for (size_t i = 0; i < std::min(most, targets.size()); ++i) names += (i == 0 ? "" : ", ") + targets[i].id;
    return targets.size() > most ? names + ", ..." : names;
  }

  /// Of a test that counts what it reached of its target; the plan's word before the manifest's.
  static double least_coverage(const Test& test, const PlanTest& use) {
    const bool counts = std::any_of(test.measurements.begin(), test.measurements.end(),
                                    [](const auto& m) { return m.coverage && m.unit == "%"; });
    if (use.least_coverage > 0 && !counts)
      throw BadInput(use.places.at("least-coverage") + ": " + test.id + " does not count what it covers in percent");
    return use.least_coverage >= 0 ? use.least_coverage : test.least_coverage;
  }

  std::string hint() const {
    if (catalog_.refusals().empty()) return "; see `assay plugin list`";
    const auto& first = catalog_.refusals().front();
    return fmt::format("; {} plugin file(s) were refused, the first: {} {}", catalog_.refusals().size(), first.path,
                       first.reason);
  }

  static core::Values checked(const Test& test, const PlanTest& use) {
    core::Values values;
    for (const auto& [key, given] : use.parameters) {
      const auto* declared = test.parameter(key);
      if (declared == nullptr)
        throw BadInput(use.places.at(key) + ": " + test.id + " has no parameter " + core::safe_text(key, 80));
      try {
        values[key] = catalog::check_value(*declared, given);
      } catch (const BadInput& error) {
        throw BadInput(use.places.at(key) + ": " + test.id + ": " + error.what());
      }
    }
    return values;
  }

  static PlannedTrial make(const catalog::Plugin& plugin, const Test& test, const Target& target,
                           const core::Values& given) {
    PlannedTrial trial;
    trial.plugin = &plugin;
    trial.test = &test;
    trial.target = target;
    for (const auto& parameter : test.parameters) {
      const auto set = given.find(parameter.key);
      trial.parameters[parameter.key] = set == given.end() ? parameter.fallback : set->second;
    }
    trial.fixed_duration = given.count("duration") != 0;
    for (const std::string& name : test.exclusive) trial.exclusive.push_back(name == "target" ? target.id : name);
    trial.shared = test.uses;
    estimate(trial);
    return trial;
  }

  static PlannedStage proof_stage() {
    PlannedStage stage;
    stage.id = "proof";
    stage.title = {{"en", "Proof of detection"}};
    return stage;
  }

  void add_proof(const std::vector<PlannedStage>& stages) {
    PlannedStage stage = proof_stage();
    std::set<std::string> done;
    for (const PlannedStage& planned : stages)
      for (const PlannedTrial& trial : planned.trials) {
        // With the plan's own parameters: what it can see may depend on them. How long does not.
        core::Values values = trial.parameters;
        std::string key = trial.test->id;
        for (const auto& declared : trial.test->parameters) {
          if (declared.type == catalog::ParameterType::duration) values.erase(declared.key);
          if (const auto small = trial.test->proof.find(declared.key); small != trial.test->proof.end())
            values[declared.key] = small->second;
          if (values.count(declared.key) > 0) key += "\n" + core::to_text(values[declared.key]);
        }
        if (done.insert(key).second) prove(*trial.plugin, *trial.test, stage, values);
      }
    if (!stage.trials.empty()) result_.stages.push_back(std::move(stage));
  }

  /// A control and one trial per injection, on the test's first target (or on a stand-in, where the test allows one).
  void prove(const catalog::Plugin& plugin, const Test& test, PlannedStage& stage, const core::Values& values) {
    if (test.injections.empty()) return;
    // On a stand-in nothing of the customer's is written to; what the station does not allow is withheld there, too.
    const bool harmless = test.writes() && test.stand_in && catalog::is_allowed(plugin, test);
    if (!harmless && !permitted(plugin, test, Need::forgone)) return;
    std::vector<Target> targets = targets_of(test);
    targets.erase(std::remove_if(targets.begin(), targets.end(),
                                 [&](const Target& t) { return !obstacle(test, t, options_).second.empty(); }),
                  targets.end());
    // A disk that may be dying is not worn for a proof; and what is wrong with it would hide what the test can see.
    if (test.stand_in && (targets.empty() || test.binds == "disk"))
      targets.clear(), targets.push_back({test.binds + ":stand-in", test.binds, "stand-in", {{"stand_in", "1"}}, true});
    if (targets.empty()) return not_tested(test, "", "absent", absence(test.binds), Need::forgone);
    PlannedTrial trial = make(plugin, test, targets.front(), values);
    trial.purpose = core::Purpose::control;
    stage.trials.push_back(trial);
    for (const auto& injection : test.injections) {
      trial.purpose = core::Purpose::injection;
      trial.injection = injection.id;
      stage.trials.push_back(trial);
    }
    stage.seconds += trial.seconds * static_cast<double>(1 + test.injections.size());
  }

  ResolvedPlan finish() {
    for (const PlannedStage& stage : result_.stages) result_.seconds += stage.seconds;
    return std::move(result_);
  }

  const catalog::Catalog& catalog_;
  std::vector<Target> targets_;
  const Options& options_;
  ResolvedPlan result_;
  double scale_ = 1;
  std::string inject_test_, inject_id_;
  bool named_ = false;
};

}  // namespace

ResolvedPlan resolve(const Plan& plan, const catalog::Catalog& catalog, const std::vector<Target>& targets,
                     const Options& options) {
  return Resolver(catalog, targets, options).plan(plan);
}

ResolvedPlan resolve_proof(const catalog::Catalog& catalog, const std::vector<Target>& targets,
                           const Options& options) {
  return Resolver(catalog, targets, options).proof();
}

}  // namespace assay::plan
