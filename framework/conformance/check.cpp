#include "conformance/check.hpp"

#include <assay/plugin.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>

#include "catalog/catalog.hpp"
#include "core/clock.hpp"
#include "core/errors.hpp"
#include "core/text.hpp"
#include "engine/confinement.hpp"
#include "engine/single_trial.hpp"
#include "inventory/machine.hpp"
#include "symbols.hpp"

namespace assay::conformance {
namespace {

namespace fs = std::filesystem;
using core::Result;
using core::Status;

/// Everything of a trial that must be the same when the seed is: what it measured but for times, found and said.
std::string fingerprint(const engine::Evidence& evidence, const catalog::Test& test) {
  std::string text;
  for (const auto& measured : evidence.measurements) {
    const std::string& key = measured.first;
    const auto declared =
        std::find_if(test.measurements.begin(), test.measurements.end(), [&](const auto& m) { return m.key == key; });
    const std::string unit = declared == test.measurements.end() ? "" : declared->unit;
    // Times, rates and amounts of work done depend on the machine's mood; counts of what was found do not.
    if (unit == "1") text += key + "=" + std::to_string(measured.second) + ";";
  }
  for (const auto& finding : evidence.findings) text += finding.code + "@" + finding.where + ";";
  return text;
}

class Kit {
 public:
  Kit(catalog::Plugin plugin, std::string runner, std::string folder)
      : plugin_(std::move(plugin)), runner_(std::move(runner)), folder_(std::move(folder)) {}

  std::vector<Check> run() {
    add("manifest fits its schema", "", true);
    symbols();
    if (describe()) {
      const inventory::SystemRoot root;
      targets_ = inventory::targets(inventory::take_inventory(root));
      for (const catalog::Test& test : plugin_.manifest.tests) try_test(test);
    }
    return std::move(checks_);
  }

 private:
  void add(const std::string& rule, const std::string& test, bool passed, const std::string& detail = "") {
    checks_.push_back({rule, test, passed, false, passed ? "" : detail});
  }
  void skip(const std::string& rule, const std::string& test, const std::string& why) {
    checks_.push_back({rule, test, false, true, why});
  }

  void symbols() {
    const auto names = exported_symbols(plugin_.path);
    const bool good = names == std::vector<std::string>{"assay_entry_v1"};
    add("exports one symbol, assay_entry_v1", "", good,
        fmt::format("exports {} symbols: {}; link it with assay_add_plugin(), or with a version script", names.size(),
                    core::safe_text(fmt::format("{}", fmt::join(names, " ")), 200)));
  }

  engine::Evidence run_trial(const runner::Spec& spec, double limit, double cancel_after = -1,
                             std::function<void(const runner::Frame&)> on_frame = nullptr) {
    const std::string place = fmt::format("{}/trial-{}", folder_, number_++);
    fs::create_directories(place);
    return engine::run_single({runner_, place, spec, limit, cancel_after, std::move(on_frame)});
  }

  runner::Spec base() const {
    runner::Spec spec;
    spec.plugin = plugin_.path;
    spec.files = engine::files_of(plugin_);
    spec.seed = 20240607;
    return spec;
  }

  /// Loads it and compares what the code says with what the manifest says. False when there is no use in going on.
  bool describe() {
    runner::Spec spec = base();
    spec.mode = runner::Mode::describe;
    std::map<std::string, runner::Frame> described;
    const auto evidence = run_trial(spec, 10, -1, [&](const runner::Frame& frame) {
      if (frame.kind == runner::Frame::Kind::description) described[frame.key] = frame;
    });
    const bool loaded = evidence.phase == "loaded";
    std::string why = evidence.errors.empty() ? "it ended while it was being loaded" : evidence.errors.front();
    add("loads with all symbols bound", "", loaded, why);
    if (!loaded) return false;
    add("unknown ids are refused", "", evidence.errors.empty(), why);
    if (!evidence.end_status)
      add("describes itself without ending", "", false, "it ended before it had described its tests");
    std::string difference;
    for (const catalog::Test& test : plugin_.manifest.tests) {
      const auto found = described.find(test.id);
      if (found == described.end())
        difference += "the code has no test " + test.id + "; ";
      else
        difference += compare(test, found->second);
      described.erase(test.id);
    }
    for (const auto& [id, frame] : described) difference += "the manifest has no test " + id + "; ";
    add("manifest equals code", "", difference.empty(), difference);
    return difference.empty();
  }

  static std::string compare(const catalog::Test& test, const runner::Frame& frame) {
    std::set<std::string> declared, coded(frame.list.begin(), frame.list.end());
    for (const auto& p : test.parameters) declared.insert("p:" + p.key);
    for (const auto& m : test.measurements) declared.insert("m:" + m.key);
    for (const auto& i : test.injections) declared.insert("i:" + i.id);
    std::string difference;
    if (frame.text != test.binds)
      difference += test.id + " binds to " + test.binds + " in the manifest, to " + frame.text + " in the code; ";
    for (const auto& name : declared)
      if (coded.count(name) == 0) difference += test.id + ": only the manifest has " + name + "; ";
    for (const auto& name : coded)
      if (declared.count(name) == 0) difference += test.id + ": only the code has " + name + "; ";
    return difference;
  }

  runner::Spec spec_of(const catalog::Test& test) const {
    runner::Spec spec = base();
    spec.test = test.id;
    spec.target = target_;
    spec.confinement = engine::confinement_of(plugin_, test, target_);
    if (target_.kind == "core" && !target_.stand_in) spec.core = std::stoi(target_.attribute("os_index"));
    for (const auto& p : test.parameters) {
      const auto proof = test.proof.find(p.key);
      const bool number = p.type == catalog::ParameterType::integer || p.type == catalog::ParameterType::real ||
                          p.type == catalog::ParameterType::duration;
      spec.parameters.push_back(
          {p.key, proof == test.proof.end() ? p.fallback : proof->second, number, p.min, p.max, p.choices});
    }
    return spec;
  }

  bool choose_target(const catalog::Test& test) {
    for (const core::Target& target : targets_)
      if (target.kind == test.binds && target.attribute("not_readable").empty() &&
          target.attribute("not_usable").empty() && !test.writes())
        return target_ = target, true;
    if (test.stand_in)
      return target_ = {test.binds + ":stand-in", test.binds, "stand-in", {{"stand_in", "1"}}, true}, true;
    return false;
  }

  void try_test(const catalog::Test& test) {
    if (!choose_target(test))
      return skip("runs", test.id,
                  test.writes() ? "it writes, and has no stand-in that it could be tried on"
                                : "this machine has nothing of kind " + test.binds + " to try it on");
    if (!catalog::is_allowed(plugin_, test))
      return skip("runs", test.id, "it asks for more than an ordinary program may; allow it: `assay plugin allow`");
    if (test.needs.root && geteuid() != 0) return skip("runs", test.id, "needs root");
    const runner::Spec spec = spec_of(test);
    const double limit = 30;
    const auto control = run_trial(spec, limit);
    const auto judged = engine::judge(control, test);
    const bool clean = judged.end.status == Status::complete && judged.end.result == Result::pass;
    add("clean run passes", test.id, clean,
        fmt::format(
            "status {}, result {}: {}", core::name(judged.end.status), core::name(judged.end.result),
            judged.end.reason.empty() && !judged.findings.empty() ? judged.findings.front().text : judged.end.reason));
    residue(test, control);
    if (clean) {
      const auto again = run_trial(spec, limit);
      add("same seed, same behaviour", test.id, fingerprint(control, test) == fingerprint(again, test),
          "first: " + fingerprint(control, test) + " second: " + fingerprint(again, test));
    }
    injections(test, spec, limit);
    parameters(test, spec);
    if (clean) stopped_early(test, spec, control.seconds);
    cancel(test, spec);
    writes(test, spec, limit);
  }

  void residue(const catalog::Test& test, const engine::Evidence& evidence) {
    std::string left;
    for (const auto& [what, count] : evidence.residue) left += fmt::format("{} {} ", count, what);
    if (evidence.leftovers > 0) left += fmt::format("{} processes ", evidence.leftovers);
    add("leaves no threads, children or descriptors", test.id, left.empty(), "left behind: " + left);
  }

  void injections(const catalog::Test& test, runner::Spec spec, double limit) {
    if (test.injections.empty())
      return add("can be shown to fail", test.id, false, "the test declares no injection, so its pass proves nothing");
    for (const auto& injection : test.injections) {
      spec.injection = injection.id;
      const auto judged = engine::judge(run_trial(spec, limit), test);
      add("injection " + injection.id + " makes it fail", test.id,
          judged.end.status == Status::complete && judged.end.result >= Result::marginal,
          fmt::format("status {}, result {} {}", core::name(judged.end.status), core::name(judged.end.result),
                      judged.end.reason));
    }
  }

  void parameters(const catalog::Test& test, const runner::Spec& spec) {
    for (size_t i = 0; i < spec.parameters.size(); ++i) {
      runner::Spec wrong = spec;
      auto& p = wrong.parameters[i];
      if (p.bounded) {
        if (std::holds_alternative<int64_t>(p.value))
          p.value = static_cast<int64_t>(p.max) + 1;
        else
          p.value = p.max + 1;
      } else if (!p.choices.empty()) {
        p.value = std::string("no such choice");
      } else {
        continue;
      }
      const auto evidence = run_trial(wrong, 10);
      const bool refused = evidence.end_status && *evidence.end_status == ASSAY_BAD_PARAMETER;
      add("parameter " + p.key + " out of range is refused", test.id, refused,
          "run() must return ASSAY_BAD_PARAMETER when a parameter getter does");
    }
  }

  /// Asked to stop before its end, with a fault planted, it may say that it found it, that it came to no end, or that
  /// it covered less than is asked for: never that all is well.
  void stopped_early(const catalog::Test& test, runner::Spec spec, double whole) {
    if (test.injections.empty()) return;
    spec.injection = test.injections.front().id;
    std::string passed;
    for (const double part : {0.0, 0.1, 0.5}) {
      const auto judged = engine::judge(run_trial(spec, 30, part * whole), test);
      const bool pass = judged.end.status == Status::complete && judged.end.result == Result::pass;
      const bool too_little = std::any_of(judged.measurements.begin(), judged.measurements.end(), [&](const auto& m) {
        return m.unit == "%" && is_coverage(test, m.key) && m.value / 100 < test.least_coverage;
      });
      if (pass && !too_little) passed += fmt::format("{}{:.0f} %", passed.empty() ? "" : ", ", 100 * part);
    }
    add("stopped early with a fault planted, it never passes", test.id, passed.empty(),
        "it passed when it was asked to stop at " + passed + " of its time, with " + test.injections.front().id);
  }

  static bool is_coverage(const catalog::Test& test, const std::string& key) {
    return std::any_of(test.measurements.begin(), test.measurements.end(),
                       [&](const auto& declared) { return declared.coverage && declared.key == key; });
  }

  /// Asked to stop when it has hardly begun, it must be back within the patience that a run has.
  void cancel(const catalog::Test& test, runner::Spec spec) {
    for (auto& p : spec.parameters)
      if (p.key == "duration") p.value = p.max;
    const auto evidence = run_trial(spec, 30, 0.05);
    const bool honoured = evidence.signal == 0 && evidence.end_status.has_value();
    add("a request to stop is honoured in time", test.id, honoured,
        evidence.signal != 0 ? fmt::format("it crashed (signal {})", evidence.signal)
                             : fmt::format("it had not returned two seconds after the request (it took {})",
                                           core::format_duration(evidence.seconds)));
  }

  /// In temporary folders of its own, which are its home as well, whatever it writes shows; elsewhere it cannot write.
  void writes(const catalog::Test& test, runner::Spec spec, double limit) {
    const char* rule = "writes nothing outside its artifact folder";
    spec.confinement.private_temp = true;
    std::string written;
    for (const auto& [what, count] : run_trial(spec, limit).residue) {
      if (what == "no private folders") return skip(rule, test.id, "this kernel gives no private folders to look into");
      if (what.rfind("files outside", 0) == 0) written += what;
    }
    add(rule, test.id, written.empty(), written);
  }

  catalog::Plugin plugin_;
  std::string runner_, folder_;
  std::vector<core::Target> targets_;
  core::Target target_;
  std::vector<Check> checks_;
  int number_ = 0;
};

}  // namespace

std::vector<Check> check_plugin(const catalog::Plugin& plugin, const std::string& runner, const std::string& folder) {
  return Kit(plugin, runner, folder).run();
}

}  // namespace assay::conformance
