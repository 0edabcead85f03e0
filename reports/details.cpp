// Findings with their evidence, coverage, gaps, proofs and trouble: for the technician.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/text.hpp"
#include "inventory_facts.hpp"
#include "moment.hpp"
#include "source.hpp"
#include "words.hpp"

namespace assay::reports {
namespace {

using core::Purpose;
using core::Result;
using core::Status;
using fmt::arg;
using nlohmann::json;

constexpr size_t most_lines = 12;

/// As --target takes it: what is not in the inventory is named by its path.
std::string target_option(const core::Target& target) {
  const bool by_path = target.id.rfind("file:", 0) == 0 || target.id.rfind("folder:", 0) == 0;
  return core::shell_word(by_path ? target.attribute("path") : target.id);
}

class Details {
 public:
  Details(const Source& source, View& view)
      : s_(source), r_(source.record), c_(source.conclusion), l_(source.l), v_(view) {}

  void build() {
    facts();
    for (const auto& trial : r_.trials) trials_[trial.start.id] = &trial;
    for (const auto& fault : c_.faults) v_.findings.push_back(finding(fault));
    for (const auto& note : c_.notes) v_.notes.push_back(finding(note));
    coverage();
    not_tested();
    proofs();
    for (const auto& t : c_.troubles)
      v_.troubles.push_back({l_.say("{test} on {target}", arg("test", s_.test_title(t.test)), arg("target", t.target)),
                             status_words(t.status, l_), t.reason, t.trial});
    v_.inventory = inventory_facts(*s_.machine, l_);
    if (s_.extras.reference != nullptr) compare_inventory(*s_.extras.reference);
    plugins();
  }

 private:
  void facts() {
    const auto add = [&](const std::string& name, const std::string& value) {
      if (!value.empty()) v_.facts.push_back({name, value});
    };
    add(l_.say("Machine"), core::trimmed(machine_text(*s_.machine, "system", "vendor") + " " +
                                         machine_text(*s_.machine, "system", "product")));
    add(l_.say("Serial number"), machine_text(*s_.machine, "system", "serial"));
    add(l_.say("Processor"), machine_text(*s_.machine, "processor", "model"));
    if (const double bytes = machine_number(*s_.machine, "memory", "visible_bytes"); bytes > 0)
      add(l_.say("Memory"), l_.bytes(static_cast<uint64_t>(bytes)));
    add(l_.say("Tested on"), moment(r_.started_at, r_.start.zone, l_));
    add(l_.say("Plan"), with_aside(s_.local(r_.start.plan_title), r_.start.plan_id, l_));
    add(l_.say("Took"), l_.say("{time}, estimated {estimate}", arg("time", l_.duration(r_.seconds)),
                               arg("estimate", l_.duration(r_.start.planned_seconds))));
    add(l_.say("Run"), r_.start.run_id);
    add(l_.say("Seed"), std::to_string(r_.start.seed));
    add(l_.say("Command"), r_.start.command_line);
    add(l_.say("Assay's version"), r_.start.version);
    add(l_.say("Allowed to write"), allowed());
    if (r_.interruptions > 0) add(l_.say("Interruptions"), std::to_string(r_.interruptions));
    if (r_.damaged_lines > 0) add(l_.say("Damaged journal lines"), std::to_string(r_.damaged_lines));
    add(l_.say("Station"), s_.extras.trust.station);
    add(l_.say("Station's key"), s_.extras.trust.fingerprint);
    add(l_.say("Record's SHA-256"), s_.extras.trust.record_sha256);
  }

  std::string allowed() const {
    const core::Consent& consent = r_.start.consent;
    std::string text = consent.scratch ? l_.say("files of the tests' own in free space") : "";
    if (!consent.destructive) return text;
    const std::string backup = consent.backup == "made"         ? l_.say("made")
                               : consent.backup == "not-needed" ? l_.say("not needed")
                                                                : l_.say("not answered");
    text += (text.empty() ? "" : "; ") +
            l_.say("over the devices that were named (backup: {backup})", arg("backup", backup));
    for (const std::string& name : consent.erase)
      text += "; " + l_.say("the content of {device} was given up", arg("device", core::safe_text(name, 80)));
    return text;
  }

  FindingView finding(const journal::Fault& fault) const {
    FindingView view;
    const auto* test = r_.test(fault.test);
    view.state = fault.finding.severity == Result::none ? State{l_.say("Note"), "not-tested"}
                                                        : state_of(fault.finding.severity, l_);
    view.title = test == nullptr ? subsystem_name(fault.subsystem, l_) : s_.test_and_target(fault.test, fault.target);
    view.text = fault.finding.text;
    view.where = fault.finding.where;
    const auto found = trials_.find(fault.trial);
    const journal::Trial* trial = found == trials_.end() ? nullptr : found->second;
    if (fault.finding.origin == core::Origin::limit && trial != nullptr) describe_limit(fault, *trial, view);
    if (fault.finding.severity == Result::none) return view;
    view.trial = fault.trial;
    if (test != nullptr) view.seed = std::to_string(fault.seed);
    if (trial != nullptr)
      for (const auto& line : trial->log) {
        if (view.lines.size() == most_lines) break;
        view.lines.push_back(line.source + ": " + line.text);
      }
    if (fault.intermittent()) view.state = {l_.say("Comes and goes"), "fail"};
    if (fault.repeats > 0 && fault.repeated_in_trial)
      view.seen = l_.say_n("Looked for again at the same place: seen again {seen} of {count} time.",
                           "Looked for again at the same place: seen again {seen} of {count} times.", fault.repeats,
                           arg("seen", fault.seen_again));
    else if (fault.repeats > 0)
      view.seen = l_.say_n("Repeated with the same seed: seen again in {seen} of {count} trial.",
                           "Repeated with the same seed: seen again in {seen} of {count} trials.", fault.repeats,
                           arg("seen", fault.seen_again));
    if (test != nullptr) {
      view.advice = s_.local(test->advice);
      view.replay = fmt::format("{} --only {} --target {} --seed {}", r_.start.again, fault.test,
                                target_option(fault.target), r_.start.seed);
    }
    return view;
  }

  void describe_limit(const journal::Fault& fault, const journal::Trial& trial, FindingView& view) const {
    for (const auto& m : trial.measurements) {
      if ("limit:" + m.key != fault.finding.code || m.result != fault.finding.severity) continue;
      view.text = l_.say("{name}: {value}; the limit is {limit}.", arg("name", s_.measurement_title(fault.test, m.key)),
                         arg("value", with_unit(m.value, m.unit, l_)), arg("limit", s_.limits(m)));
      for (const core::Limit& limit : m.limits)
        if (!core::holds(limit, m.value)) view.bar = bar(m, limit);
    }
  }

  /// From 0 to a little beyond the greater of value and limit; numbers that are not positive have no bar.
  RangeBar bar(const core::Measurement& m, const core::Limit& limit) const {
    if (!(m.value >= 0) || !(limit.value >= 0) || !std::isfinite(m.value) ||
        limit.comparator == core::Comparator::equal)
      return {};
    const double whole = 1.15 * std::max({m.value, limit.value, 1e-12});
    const bool above = limit.comparator == core::Comparator::at_most || limit.comparator == core::Comparator::below;
    RangeBar result{100 * m.value / whole, 100 * limit.value / whole, 0, 0, view_words(m, limit)};
    result.forbidden_at = above ? result.limit : 0;
    result.forbidden_width = above ? 100 - result.limit : result.limit;
    return result;
  }

  std::string view_words(const core::Measurement& m, const core::Limit& limit) const {
    return l_.say("{value}, limit {limit}", arg("value", with_unit(m.value, m.unit, l_)),
                  arg("limit", with_unit(limit.value, m.unit, l_)));
  }

  void coverage() {
    std::map<std::string, std::set<std::string>> tested;
    for (const auto& t : r_.trials)
      if (t.end && t.end->status == Status::complete && core::speaks_of_machine(t.start.purpose))
        tested[t.start.target.kind].insert(t.start.target.id);
    const auto add = [&](const std::string& name, const char* kind, size_t all) {
      if (all > 0)
        v_.coverage.push_back({name, l_.say("{part} of {all}", arg("part", tested[kind].size()), arg("all", all))});
    };
    const json usable = machine_list(*s_.machine, "processor", "usable");
    const size_t processors =
        std::max(usable.size(), static_cast<size_t>(machine_number(*s_.machine, "processor", "logical_present")));
    add(l_.say("Logical processors tested one by one"), "core", processors);
    // Tests that bind to the machine load all that they may use, at once.
    if (processors > 0 && processor_tested_whole())
      v_.coverage.push_back({l_.say("Logical processors tested together"),
                             l_.say("{part} of {all}", arg("part", usable.size()), arg("all", processors))});
    // A file, a folder or another device that was named is none of the machine's disks.
    std::set<std::string> known;
    for (const json& disk : machine_list(*s_.machine, "disks")) known.insert("disk:" + json_text(disk, "name"));
    std::set<std::string>& disks = tested["disk"];
    const size_t all_targets = disks.size();
    std::erase_if(disks, [&](const std::string& id) { return known.count(id) == 0; });
    add(l_.say("Disks tested"), "disk", known.size());
    if (all_targets > disks.size())
      v_.coverage.push_back({l_.say("Tested in a disk's place"), std::to_string(all_targets - disks.size())});
    for (const auto& coverage : c_.coverage)
      v_.coverage.push_back({named(s_.test_and_target(coverage.test, coverage.target), s_.local(coverage.title), l_),
                             with_unit(coverage.value, coverage.unit, l_)});
  }

  bool processor_tested_whole() const {
    return std::any_of(r_.trials.begin(), r_.trials.end(), [&](const journal::Trial& t) {
      return t.end && t.end->status == Status::complete && core::speaks_of_machine(t.start.purpose) &&
             t.start.target.kind == "machine" && s_.subsystem_of(t.start.test) == "processor";
    });
  }

  void not_tested() {
    for (const auto& shortfall : c_.shortfalls)
      v_.not_tested.push_back({s_.test_title(shortfall.test) + ", " + s_.name_of(shortfall.target),
                               l_.say("reached {share}, of at least {least} that were asked for",
                                      arg("share", with_unit(100 * shortfall.covered, "%", l_)),
                                      arg("least", with_unit(100 * shortfall.least, "%", l_))),
                               shortfall.required});
    for (const auto& n : c_.not_tested) {
      std::string what = n.test.empty() ? "" : s_.test_title(n.test);
      if (!n.target.empty() && n.target != "machine") what = what.empty() ? n.target : joined(what, n.target, l_);
      v_.not_tested.push_back({what, n.category + ": " + n.reason, n.required || n.operators});
    }
    for (const auto& id : c_.unproven_tests)
      v_.not_tested.push_back({s_.test_title(id), "unproven: this test offers no way to show that it can fail", false});
  }

  void proofs() {
    for (const auto& p : c_.proofs) {
      const State state = p.proven() ? State{l_.say("Shown"), "pass"}
                          : p.sick   ? State{l_.say("Could not tell"), "unclear"}
                          : p.tried  ? State{l_.say("Not shown"), "fail"}
                                     : State{l_.say("Not tried"), "not-tested"};
      std::string outcome = p.proven() ? l_.say("the test noticed it, and passed without it") : p.reason;
      if (p.stand_in) outcome += " " + l_.say("(on a stand-in: a made-up healthy device)");
      v_.proofs.push_back({s_.test_title(p.test), s_.local(p.title), outcome, state});
    }
  }

  /// What the other run's machine has that this one has not, and the other way round.
  void compare_inventory(const journal::Record& other) {
    const Source reference(other, c_, s_.files, s_.extras);
    v_.inventory_reference = l_.say("Compared with run {run} of {date}.", arg("run", other.start.run_id),
                                    arg("date", moment(other.started_at, other.start.zone, l_)));
    v_.inventory_changes = reports::inventory_changes(inventory_facts(*reference.machine, l_), v_.inventory, l_);
  }

  void plugins() {
    for (const auto& p : r_.start.plugins) {
      v_.plugins.push_back({p.id + " " + p.version, p.vendor + ", " + p.sha256});
      for (const auto& library : p.libraries) v_.plugins.push_back({p.id + ": " + library.file, library.sha256});
    }
    std::set<std::string> told;
    for (const auto& t : r_.trials)
      if (!t.start.privileges.empty() && told.insert(t.start.test).second)
        v_.privileged.push_back({t.start.test, privilege_words(t.start.privileges, l_)});
    for (const auto& p : r_.start.refused) v_.refused.push_back({p.file, p.reason});
  }

  const Source& s_;
  const journal::Record& r_;
  const journal::Conclusion& c_;
  const Language& l_;
  View& v_;
  std::map<std::string, const journal::Trial*> trials_;
};

}  // namespace

void add_details(const Source& source, View& view) { Details(source, view).build(); }

}  // namespace assay::reports
