#include "reports/view.hpp"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/text.hpp"
#include "inventory_facts.hpp"
#include "words.hpp"

namespace assay::reports {
namespace {

/// As --target takes it: what is not in the inventory is named by its path.
std::string target_option(const core::Target& target) {
  const bool by_path = target.id.rfind("file:", 0) == 0 || target.id.rfind("folder:", 0) == 0;
  return core::shell_word(by_path ? target.attribute("path") : target.id);
}

using core::Purpose;
using core::Result;
using core::Status;
using nlohmann::json;

class ViewBuilder {
 public:
  ViewBuilder(const journal::Record& record, const journal::Conclusion& conclusion, const std::string& language)
      : r_(record),
        c_(conclusion),
        machine_(json::parse(record.start.machine.empty() ? "{}" : record.start.machine, nullptr, false)) {
    v_.language = language;
  }

  View build() {
    verdict();
    facts();
    subsystems();
    for (const auto& fault : c_.faults) v_.findings.push_back(finding(fault));
    for (const auto& note : c_.notes) v_.notes.push_back(finding(note));
    targets_covered();
    for (const auto& coverage : c_.coverage)
      v_.coverage.push_back(
          {test_title(coverage.test) + ": " + local(coverage.title), with_unit(coverage.value, coverage.unit)});
    not_tested();
    proof();
    for (const auto& t : c_.troubles)
      v_.troubles.push_back(
          {test_title(t.test) + " on " + t.target, std::string(core::name(t.status)), t.reason, t.trial});
    for (const auto& trial : r_.trials) v_.trials.push_back(this->trial(trial));
    v_.inventory = inventory_facts(machine_);
    plugins();
    return std::move(v_);
  }

 private:
  std::string local(const core::LocalText& text) const { return core::in_language(text, v_.language); }

  std::string test_title(const std::string& id) const {
    const auto* test = r_.test(id);
    return test == nullptr ? id : local(test->title);
  }

  static std::string name_of(const core::Target& target) { return target.title.empty() ? target.id : target.title; }

  void verdict() {
    v_.verdict = state_of(c_.result);
    switch (c_.result) {
      case Result::pass:
        v_.headline = "No fault found: everything that this plan tests passed.";
        break;
      case Result::marginal:
        v_.headline = "Works, but not as it should: see what we found.";
        break;
      case Result::fail: {
        const auto& worst = c_.faults.front();
        const std::string part = subsystem_name(worst.subsystem);
        v_.headline = worst.intermittent() ? "A fault that comes and goes was found: " + part + "."
                                           : "A fault was found: " + part + ".";
        break;
      }
      case Result::inconclusive:
        v_.headline = unclear_headline();
        break;
      case Result::none:
        v_.headline = "Nothing was tested.";
        break;
    }
    if (c_.result == Result::fail && !c_.complete) v_.headline += " Not everything could be tested.";
    if (r_.start.rehearsal)
      v_.rehearsal =
          "Rehearsal: a fault was planted on purpose (" + injected() + "). This report says nothing about the machine.";
    if (!r_.finished())
      v_.unfinished = "The run has not ended. `assay resume` goes on with it.";
    else if (r_.stopped_by_user)
      v_.unfinished = "The run was stopped before its end.";
    if (!r_.start.narrowed.empty())
      v_.narrowed = fmt::format("Only a part of the plan was asked for: {}. The rest of it was not tested.",
                                fmt::join(r_.start.narrowed, " "));
    if (c_.not_tested.empty() && c_.unproven_tests.empty() && c_.complete && r_.start.narrowed.empty())
      v_.all_tested = reached_all()
                          ? "Everything in the plan was tested."
                          : "Every test of the plan ran, but not all of the hardware was reached in its time: see "
                            "what was covered.";
    const double tested = tested_seconds();
    if (tested > 0 && c_.faults.empty())
      v_.trust = fmt::format(
          "Every part under load was tested for {} or longer without a fault: a fault that shows itself there "
          "more often than every {} would have been seen (95 %).",
          core::format_duration(tested), core::format_duration(tested / 3));
    v_.snapshot = "This is how the machine was at the time of the test. It is no promise for the future.";
  }

  bool reached_all() const {
    return std::none_of(c_.coverage.begin(), c_.coverage.end(),
                        [](const auto& coverage) { return coverage.unit == "%" && coverage.value < 99; });
  }

  std::string unclear_headline() const {
    if (r_.stopped_by_user) return "The run was stopped before its end.";
    for (const auto& p : c_.proofs)
      if (p.tried && !p.proven()) return "A planted fault was not noticed, so a pass would prove nothing.";
    return "Not everything that the plan requires could be tested.";
  }

  std::string injected() const {
    for (const auto& trial : r_.trials)
      if (trial.start.purpose == Purpose::test && !trial.start.injection.empty())
        return trial.start.test + ": " + trial.start.injection;
    return "an injection";
  }

  /// The least time that a part under load was tested: of every core the sum of its own trials, and so on. What every
  /// part got is what can be said of all.
  double tested_seconds() const {
    std::map<std::string, double> by_part;
    for (const auto& trial : r_.trials) {
      const auto* test = r_.test(trial.start.test);
      if (trial.end && core::speaks_of_machine(trial.start.purpose) && trial.end->status == Status::complete &&
          test != nullptr && test->effect == "load")
        by_part[trial.start.target.id] += trial.end->seconds;
    }
    double least = 0;
    for (const auto& [part, seconds] : by_part) least = least == 0 ? seconds : std::min(least, seconds);
    return least;
  }

  std::string allowed() const {
    const core::Consent& consent = r_.start.consent;
    std::string text = consent.scratch ? "files of the tests' own in free space" : "";
    if (consent.destructive) {
      text += text.empty() ? "" : "; ";
      text += "over the devices that were named (backup: " + (consent.backup.empty() ? "not answered" : consent.backup);
      for (const std::string& name : consent.erase) text += ", content of " + core::safe_text(name, 80) + " given up";
      text += ")";
    }
    return text;
  }

  void facts() {
    const auto add = [&](const char* name, const std::string& value) {
      if (!value.empty()) v_.facts.push_back({name, value});
    };
    add("Machine",
        core::trimmed(machine_text(machine_, "system", "vendor") + " " + machine_text(machine_, "system", "product")));
    add("Serial number", machine_text(machine_, "system", "serial"));
    add("Processor", machine_text(machine_, "processor", "model"));
    if (machine_.is_object() && machine_.contains("memory"))
      add("Memory", core::format_bytes(machine_["memory"].value("visible_bytes", uint64_t{0})));
    add("Tested", r_.started_at.substr(0, 10) + " " +
                      r_.started_at.substr(std::min<size_t>(11, r_.started_at.size()), 5) + " UTC");
    add("Plan", local(r_.start.plan_title) + " (" + r_.start.plan_id + ")");
    add("Took", core::format_duration(r_.seconds) + ", estimated " + core::format_duration(r_.start.planned_seconds));
    add("Run", r_.start.run_id + ", seed " + std::to_string(r_.start.seed));
    add("Assay", r_.start.version);
    add("Allowed to write", allowed());
    if (r_.interruptions > 0) add("Interruptions", std::to_string(r_.interruptions));
    if (r_.damaged_lines > 0) add("Damaged journal lines", std::to_string(r_.damaged_lines));
  }

  void subsystems() {
    for (const auto& s : c_.subsystems) {
      State state = state_of(s.result);
      std::string detail = s.trials == 0 ? "" : fmt::format("{} trials", s.trials);
      if (s.trials == 1) detail = "1 trial";
      if (s.trouble) {
        detail += detail.empty() ? "" : ", ";
        detail += "trouble with a test";
        if (s.result == Result::pass || s.result == Result::none) state = state_of(Result::inconclusive);
      }
      if (const std::string share = covered_share(s.id); !share.empty()) detail += ", " + share;
      v_.subsystems.push_back({subsystem_name(s.id), state, detail});
    }
    for (const auto& n : c_.not_tested) {
      const auto* test = r_.test(n.test);
      if (n.test.empty()) continue;
      const std::string name = subsystem_name(test == nullptr ? "other" : test->subsystem);
      bool known = false;
      for (const auto& s : v_.subsystems) known = known || s.name == name;
      if (!known) v_.subsystems.push_back({name, state_of(Result::none), n.reason});
    }
  }

  /// "10 % covered" where a test of this part counts its coverage so.
  std::string covered_share(const std::string& part) const {
    double most = -1;
    for (const auto& coverage : c_.coverage) {
      const auto* test = r_.test(coverage.test);
      if (coverage.unit == "%" && test != nullptr && test->subsystem == part) most = std::max(most, coverage.value);
    }
    return most < 0 ? "" : with_unit(most, "%") + " covered";
  }

  FindingView finding(const journal::Fault& fault) const {
    FindingView view;
    const auto* test = r_.test(fault.test);
    view.state =
        fault.finding.severity == Result::none ? State{"Note", "not-tested"} : state_of(fault.finding.severity);
    view.title = test == nullptr ? subsystem_name(fault.subsystem) : local(test->title) + ", " + name_of(fault.target);
    view.text = fault.finding.text;
    view.where = fault.finding.where;
    if (fault.finding.code.rfind("limit:", 0) == 0) describe_limit(fault, view);
    if (fault.finding.severity == Result::none) return view;
    if (fault.intermittent()) view.state = {"Comes and goes", "fail"};
    if (fault.repeats > 0)
      view.seen =
          fmt::format("Repeated with the same seed: seen again in {} of {} trials.", fault.seen_again, fault.repeats);
    if (test != nullptr) {
      view.advice = local(test->advice);
      view.replay = fmt::format("{} --only {} --target {} --seed {}", r_.start.again, fault.test,
                                target_option(fault.target), r_.start.seed);
    }
    return view;
  }

  void describe_limit(const journal::Fault& fault, FindingView& view) const {
    for (const auto& trial : r_.trials) {
      if (trial.start.id != fault.trial) continue;
      for (const auto& m : trial.measurements)
        if ("limit:" + m.key == fault.finding.code)
          view.text = measurement_title(fault.test, m.key) + ": " + with_unit(m.value, m.unit) + "; the limit is " +
                      limits(m) + ".";
    }
  }

  std::string measurement_title(const std::string& test, const std::string& key) const {
    if (const auto* info = r_.test(test))
      for (const auto& m : info->measurements)
        if (m.key == key) return local(m.title);
    return key;
  }

  static std::string limits(const core::Measurement& m) {
    std::string text;
    for (const auto& limit : m.limits)
      text += (text.empty() ? "" : "; ") + comparator_words(limit.comparator) + " " + with_unit(limit.value, m.unit);
    return text;
  }

  /// How many of the machine's cores and disks have had a trial that ran to its end.
  void targets_covered() {
    std::map<std::string, std::set<std::string>> tested;
    for (const auto& t : r_.trials)
      if (t.end && t.end->status == Status::complete && core::speaks_of_machine(t.start.purpose))
        tested[t.start.target.kind].insert(t.start.target.id);
    const auto add = [&](const char* name, const char* kind, size_t all) {
      if (all > 0) v_.coverage.push_back({name, fmt::format("{} of {}", tested[kind].size(), all)});
    };
    if (!machine_.is_object() || !machine_.contains("processor") || !machine_.contains("disks")) return;
    const json& processor = machine_["processor"];
    add("Logical processors tested", "core",
        std::max(processor.value("usable", json::array()).size(), processor.value("online", size_t{0})));
    // A file, a folder or another device that was named is none of the machine's disks.
    std::set<std::string> known;
    for (const json& disk : machine_["disks"]) known.insert("disk:" + disk.value("name", ""));
    std::set<std::string>& disks = tested["disk"];
    const size_t all_targets = disks.size();
    std::erase_if(disks, [&](const std::string& id) { return known.count(id) == 0; });
    add("Disks tested", "disk", known.size());
    if (all_targets > disks.size())
      v_.coverage.push_back(
          {"Tested in a disk's place", fmt::format("{} that were named", all_targets - disks.size())});
  }

  void not_tested() {
    for (const auto& n : c_.not_tested) {
      std::string what = test_title(n.test);
      if (!n.target.empty() && n.target != "machine") what += (what.empty() ? "" : ", ") + n.target;
      v_.not_tested.push_back({what, n.category + ": " + n.reason, n.required});
    }
    for (const auto& id : c_.unproven_tests)
      v_.not_tested.push_back({test_title(id), "unproven: this test offers no way to show that it can fail", false});
  }

  void proof() {
    int tried = 0;
    for (const auto& p : c_.proofs) {
      tried += p.tried ? 1 : 0;
      const State state = p.proven() ? State{"Shown", "pass"}
                          : p.tried  ? State{"Not shown", "fail"}
                                     : State{"Not tried", "not-tested"};
      std::string outcome = p.proven() ? "the test noticed it, and passed without it" : p.reason;
      if (p.stand_in) outcome += " (on a stand-in: a made-up healthy device)";
      v_.proofs.push_back({test_title(p.test), local(p.title), outcome, state});
    }
    v_.proof = tried == 0
                   ? "Proof of detection: not made in this run."
                   : fmt::format("Shown able to fail: {} of {} planted faults were noticed.", c_.proven(), tried);
  }

  TrialView trial(const journal::Trial& t) const {
    TrialView view;
    view.id = t.start.id;
    view.test = t.start.test;
    view.target = t.start.target.id;
    view.purpose =
        std::string(core::name(t.start.purpose)) + (t.start.injection.empty() ? "" : ": " + t.start.injection);
    view.seed = std::to_string(t.start.seed);
    if (!t.end) {
      view.status = "cut off";
      view.state = state_of(Result::inconclusive);
      return view;
    }
    view.status = core::name(t.end->status);
    view.seconds = core::format_duration(t.end->seconds);
    view.reason = t.end->reason;
    view.state = state_of(t.end->result);
    if (t.end->status != Status::complete && t.end->result == Result::none)
      view.state = t.end->status == Status::skipped ? state_of(Result::none) : state_of(Result::inconclusive);
    for (const auto& m : t.measurements)
      view.measurements.push_back(
          {measurement_title(t.start.test, m.key), with_unit(m.value, m.unit), limits(m), state_of(m.result)});
    for (const auto& s : t.series)
      view.measurements.push_back(
          {s.name,
           fmt::format("{} to {} {}, mean {}, {} samples", core::format_number(s.least),
                       core::format_number(s.greatest), s.unit, core::format_number(s.mean), s.count),
           "",
           {"", "pass"}});
    for (const auto& f : t.findings) view.lines.push_back(fmt::format("{}: {} {}", f.code, f.text, f.where));
    for (const auto& l : t.log) view.lines.push_back(fmt::format("[{}] {}", l.source, l.text));
    for (const auto& f : t.files) view.lines.push_back("file: " + f.uri);
    return view;
  }

  void plugins() {
    for (const auto& p : r_.start.plugins)
      v_.plugins.push_back({p.id + " " + p.version, p.vendor + ", " + p.file + ", sha256 " + p.sha256});
    for (const auto& p : r_.start.refused) v_.refused.push_back({p.file, p.reason});
  }

  const journal::Record& r_;
  const journal::Conclusion& c_;
  json machine_;
  View v_;
};

}  // namespace

View make_view(const journal::Record& record, const journal::Conclusion& conclusion, const std::string& language) {
  return ViewBuilder(record, conclusion, language).build();
}

}  // namespace assay::reports
