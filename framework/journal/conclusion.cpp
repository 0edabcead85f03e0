#include "conclusion_parts.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace assay::journal {
namespace {

using core::Purpose;
using core::Result;
using core::Status;

bool is_trouble(Status status) {
  return status == Status::error || status == Status::timeout || status == Status::crashed;
}

class Builder {
 public:
  explicit Builder(const Record& record) : record_(record) {}

  Conclusion build() {
    conclusion_.not_tested = record_.start.not_tested;
    for (size_t i = 0; i < conclusion_.not_tested.size(); ++i)
      not_tested_.emplace(key_of(conclusion_.not_tested[i]), i);
    for (const Trial& trial : record_.trials) {
      if (trial.start.test.empty())
        take_unreadable(trial);
      else if (!trial.end)
        take_unfinished(trial);
      else if (core::speaks_of_machine(trial.start.purpose))
        take(trial);
    }
    add_run_errors();
    add_unreached();
    add_faults();
    add_proofs(record_, conclusion_);
    add_shortfalls(record_, conclusion_);
    mark_parts();
    decide();
    return std::move(conclusion_);
  }

 private:
  const TestInfo& info(const std::string& test) const {
    static const TestInfo unknown{};
    const TestInfo* found = record_.test(test);
    return found == nullptr ? unknown : *found;
  }

  Subsystem& subsystem(const std::string& test) {
    const std::string id = info(test).subsystem.empty() ? "other" : info(test).subsystem;
    for (Subsystem& s : conclusion_.subsystems)
      if (s.id == id) return s;
    conclusion_.subsystems.push_back({id, Result::none, 0, false, false});
    return conclusion_.subsystems.back();
  }

  /// The line that says what this trial was is lost: it may have been a rehearsal, so it says nothing.
  void take_unreadable(const Trial& trial) {
    conclusion_.troubles.push_back(
        {trial.start.id, "", "", "the journal is damaged: what this trial was cannot be read", Status::error});
  }

  void take_unfinished(const Trial& trial) {
    if (!core::speaks_of_machine(trial.start.purpose)) return;
    conclusion_.troubles.push_back({trial.start.id, trial.start.test, trial.start.target.id,
                                    "the run was cut off while this trial ran", Status::aborted});
  }

  void take(const Trial& trial) {
    const TrialEnd& end = *trial.end;
    Subsystem& part = subsystem(trial.start.test);
    if (spoke(trial)) {
      ++part.trials;
      part.result = core::worse(part.result, end.result);
      tested_ = true;
      targets_tested_.insert(part.id + "|" + trial.start.target.id);
    }
    if (end.status == Status::skipped) {
      const bool cannot_be =
          end.category == "absent" || end.category == "not-supported" || end.category == "no-partner";
      unreached_ = unreached_ || end.category == "gone" || end.category == "no-answer";
      const NotTested entry{trial.start.test, trial.start.target.id, end.category, end.reason,
                            trial.start.required || (trial.start.if_present && !cannot_be)};
      const auto [known, is_new] = not_tested_.emplace(key_of(entry), conclusion_.not_tested.size());
      if (!is_new) {
        NotTested& told = conclusion_.not_tested[known->second];
        told.required = told.required || entry.required;
        return;
      }
      conclusion_.not_tested.push_back(entry);
    }
    if (is_trouble(end.status) && end.result != Result::fail) {
      part.trouble = true;
      conclusion_.troubles.push_back({trial.start.id, trial.start.test, trial.start.target.id, end.reason, end.status});
    }
    if (end.status == Status::aborted && end.category != "interrupted")
      aborted_ = true;  // an interrupted one was run again
  }

  /// One fault per test, target and code: the first trial that showed it at its worst speaks, its repeats are counted.
  void add_faults() {
    std::map<std::string, Fault> worst;
    std::vector<std::string> order;
    index_repeats();
    for (const Trial& trial : record_.trials) {
      if (!trial.end || trial.start.test.empty() || !core::speaks_of_machine(trial.start.purpose)) continue;
      // Trouble with the tool is not bad hardware: what such a trial found does not count, unless the machine itself
      // says so. What the kernel said counts always.
      const bool counts = trial.start.purpose == Purpose::test && spoke(trial);
      for (const core::Finding& finding : all_findings(trial)) {
        const bool kernel = is_kernel(finding);
        if (!counts && !kernel) continue;
        // What the kernel said is one fault, however many trials ran meanwhile.
        const std::string key = kernel ? "kernel|" + finding.code
                                       : recipe_of(trial, info(trial.start.test)) + "|" + trial.start.test + "|" +
                                             trial.start.target.id + "|" + finding.code;
        const auto known = worst.find(key);
        if (known != worst.end() && known->second.finding.severity >= finding.severity) continue;
        if (known == worst.end()) order.push_back(key);
        worst[key] = {finding,
                      kernel ? "" : trial.start.test,
                      !kernel                ? info(trial.start.test).subsystem
                      : finding.part.empty() ? "system"
                                             : finding.part,
                      kernel ? core::Target{"machine", "machine", "", {}, false} : trial.start.target,
                      trial.start.id,
                      trial.start.seed,
                      trial.start.parameters,
                      0,
                      0,
                      false};
      }
    }
    for (const std::string& key : order) {
      Fault& fault = worst[key];
      if (fault.finding.severity != Result::none && !is_kernel(fault.finding)) count_repeats(fault);
      (fault.finding.severity == Result::none ? conclusion_.notes : conclusion_.faults).push_back(fault);
    }
    std::stable_sort(conclusion_.faults.begin(), conclusion_.faults.end(),
                     [](const Fault& a, const Fault& b) { return a.finding.severity > b.finding.severity; });
  }

  static bool is_kernel(const core::Finding& finding) { return finding.origin == core::Origin::kernel; }

  static bool has_kernel(const std::vector<core::Finding>& findings) {
    return std::any_of(findings.begin(), findings.end(), is_kernel);
  }

  /// A measurement beyond its limit is a finding too, unless the test has said something as bad itself.
  static std::vector<core::Finding> all_findings(const Trial& trial) {
    std::vector<core::Finding> findings = trial.findings;
    Result said = Result::pass;
    for (const core::Finding& finding : trial.findings)
      if (!is_kernel(finding)) said = core::worse(said, finding.severity);
    for (const core::Measurement& m : trial.measurements)
      if (m.result > said) findings.push_back({m.result, "limit:" + m.key, "", "", core::Origin::limit});
    // A trial that failed without a readable reason failed all the same.
    for (const core::Finding& finding : findings)
      if (!is_kernel(finding)) said = core::worse(said, finding.severity);
    if (trial.end && trial.end->result >= Result::marginal && trial.end->result > said && !has_kernel(findings))
      findings.push_back({trial.end->result, "reason-lost", "It failed; what it said of that cannot be read.", "",
                          core::Origin::host});
    return findings;
  }

  /// What each failure's repeats showed: by trial and code, so that no fault looks through all trials again.
  void index_repeats() {
    for (const Trial& trial : record_.trials) {
      std::map<std::string, Again>& within = within_[trial.start.id];
      for (const Repeats& own : trial.repeats) {
        Again& again = within[own.code];
        again.repeats += own.repeats;
        again.seen += own.seen_again;
      }
      if (trial.start.purpose != Purpose::confirm || !spoke(trial)) continue;
      Confirmed& confirmed = confirmed_[trial.start.confirms];
      ++confirmed.repeats;
      std::set<std::string> codes;
      for (const core::Finding& finding : all_findings(trial))
        if (finding.severity >= Result::marginal) codes.insert(finding.code);
      for (const std::string& code : codes) ++confirmed.seen[code];
    }
  }

  /// A repeat shows the fault again when it shows the same one, not when it shows any.
  void count_repeats(Fault& fault) const {
    if (const auto within = within_.find(fault.trial); within != within_.end())
      if (const auto again = within->second.find(fault.finding.code); again != within->second.end()) {
        fault.repeats += again->second.repeats;
        fault.seen_again += again->second.seen;
        fault.repeated_in_trial = true;
      }
    const auto confirmed = confirmed_.find(fault.trial);
    if (confirmed == confirmed_.end()) return;
    fault.repeats += confirmed->second.repeats;
    const auto seen = confirmed->second.seen.find(fault.finding.code);
    if (seen != confirmed->second.seen.end()) fault.seen_again += seen->second;
  }

  /// What happened to the run as a whole: it was cut off, the machine restarted, the kernel spoke between trials.
  void add_run_errors() {
    for (const ErrorLine& error : record_.errors) {
      if (error.symptom == "assay.kernel-log-lost")
        conclusion_.not_tested.push_back({"", "kernel log", "not-reached", error.text, false, false});
      if (error.symptom == "assay.no-kernel-log")
        conclusion_.not_tested.push_back({"", "kernel log", "no-permission",
                                          "hardware errors that only Linux sees were not watched: " + error.text, false,
                                          false});
      const bool restarted = error.symptom == "assay.restarted", kernel = error.symptom.rfind("assay.kernel.", 0) == 0;
      const bool overwritten = error.symptom == "assay.overwritten", fence = error.symptom == "assay.fence";
      if (error.symptom != "assay.interrupted" && !restarted && !kernel && !overwritten && !fence) continue;
      Fault fault;
      const Result severity =
          kernel ? core::result_from(error.symptom.substr(13)).value_or(Result::marginal) : Result::marginal;
      fault.finding = {restarted || kernel ? severity : Result::none, error.symptom.substr(6), error.text, "",
                       kernel ? core::Origin::kernel : core::Origin::host};
      fault.subsystem = overwritten ? "storage" : "system";
      fault.target.id = "machine";
      (restarted || kernel ? conclusion_.faults : conclusion_.notes).push_back(fault);
    }
  }

  /// What was planned and never ended: the run was stopped or cut off first, or the target went away meanwhile. Each
  /// entry of the plan counts for itself: the same test in an earlier stage is not this one.
  void add_unreached() {
    std::set<std::string> reached;
    for (const Trial& trial : record_.trials)
      if (trial.end && trial.end->status != Status::aborted && trial.start.purpose == Purpose::test)
        for (const std::string& entry : {place(trial.start.stage, trial.start.entry), std::string()})
          reached.insert(entry + trial.start.test + " " + trial.start.target.id);
    for (const Planned& planned : record_.start.planned) {
      // Older records do not say the entry: for them any trial of the test on the target counts.
      const std::string entry = planned.stage.empty() ? "" : place(planned.stage, planned.entry);
      if (!reached.insert(entry + planned.test + " " + planned.target).second) continue;
      subsystem(planned.test);
      const std::string stage = planned.stage.empty() ? "" : " (stage " + planned.stage + ")";
      conclusion_.not_tested.push_back({planned.test, planned.target, "not-reached",
                                        (record_.stopped_by_user ? "the run was stopped before this was tested"
                                         : record_.finished()    ? "it could not be tested when the run went on"
                                                                 : "the run was cut off before this was tested") +
                                            stage,
                                        planned.required, false});
      unreached_ = true;
    }
  }

  static std::string place(const std::string& stage, int entry) { return stage + "|" + std::to_string(entry) + "|"; }

  /// Which parts were tested in part alone: what is there of them and no test spoke of, and what was covered too
  /// little.
  void mark_parts() {
    for (const Shortfall& shortfall : conclusion_.shortfalls)
      if (shortfall.required || !reached_by_another(shortfall)) subsystem(shortfall.test).partly = true;
    for (const Trouble& trouble : conclusion_.troubles)
      if (!trouble.test.empty()) subsystem(trouble.test).partly = true;
    for (const NotTested& n : conclusion_.not_tested) {
      if (n.test.empty() || n.category == "absent" || n.category == "not-selected") continue;
      Subsystem& part = subsystem(n.test);
      const bool always =
          n.required || n.operators || n.category == "not-reached" || n.category == "gone" || n.category == "no-answer";
      const bool spoken_of = n.target.empty() ? part.trials > 0 : targets_tested_.count(part.id + "|" + n.target) > 0;
      if (always || !spoken_of) part.partly = true;
    }
  }

  /// Another test of the same part reached what was asked of it on the same target.
  bool reached_by_another(const Shortfall& shortfall) const {
    const std::string& part = info(shortfall.test).subsystem;
    for (const Planned& planned : record_.start.planned) {
      if (planned.target != shortfall.target.id || planned.least_coverage <= 0) continue;
      if (info(planned.test).subsystem != part) continue;
      const bool fell_short =
          std::any_of(conclusion_.shortfalls.begin(), conclusion_.shortfalls.end(),
                      [&](const Shortfall& s) { return s.test == planned.test && s.target.id == planned.target; });
      const bool counted =
          std::any_of(conclusion_.coverage.begin(), conclusion_.coverage.end(),
                      [&](const Coverage& c) { return c.test == planned.test && c.target.id == planned.target; });
      if (counted && !fell_short) return true;
    }
    return false;
  }

  void decide() {
    Result result = tested_ ? Result::pass : Result::none;
    bool solid = false, marginal = false;
    for (const Fault& fault : conclusion_.faults) {
      result = core::worse(result, fault.finding.severity);
      if (fault.finding.severity == Result::fail && !fault.intermittent())
        solid = true;
      else
        marginal = true;
    }
    // A trial that failed without a readable reason failed all the same.
    for (const Trial& trial : record_.trials)
      if (trial.start.purpose == Purpose::test && !trial.start.test.empty() && spoke(trial) &&
          trial.end->result > result) {
        result = trial.end->result;
        (result == Result::fail ? solid : marginal) = true;
      }
    const auto counts = [](const NotTested& n) { return n.required || n.operators; };
    const auto failed_proof = [](const Proof& p) { return p.tried && !p.proven(); };
    const auto too_little = [](const Shortfall& s) { return s.required; };
    conclusion_.complete = record_.finished() && record_.damaged_lines == 0 && tested_ && !aborted_ &&
                           conclusion_.troubles.empty() && !record_.stopped_by_user && !unreached_ &&
                           std::none_of(conclusion_.not_tested.begin(), conclusion_.not_tested.end(), counts) &&
                           std::none_of(conclusion_.shortfalls.begin(), conclusion_.shortfalls.end(), too_little) &&
                           std::none_of(conclusion_.proofs.begin(), conclusion_.proofs.end(), failed_proof);
    if (result == Result::pass && !conclusion_.complete) result = Result::inconclusive;
    conclusion_.result = result;
    using core::ExitCode;
    conclusion_.exit_code = record_.stopped_by_user ? ExitCode::interrupted
                            : solid                 ? ExitCode::fail
                            : marginal              ? ExitCode::marginal
                            : conclusion_.complete  ? ExitCode::pass
                                                    : ExitCode::incomplete;
  }

  using Key = std::tuple<std::string, std::string, std::string>;
  static Key key_of(const NotTested& n) { return {n.test, n.target, n.reason}; }

  struct Again {
    int repeats = 0, seen = 0;
  };
  struct Confirmed {
    int repeats = 0;
    std::map<std::string, int> seen;  // by code
  };

  const Record& record_;
  Conclusion conclusion_;
  std::map<Key, size_t> not_tested_;                            // test, target, reason: its place
  std::map<std::string, std::map<std::string, Again>> within_;  // by trial and code
  std::map<std::string, Confirmed> confirmed_;                  // by trial
  std::set<std::string> targets_tested_;                        // by part
  bool tested_ = false, aborted_ = false, unreached_ = false;
};

}  // namespace

int Conclusion::proven() const {
  return static_cast<int>(std::count_if(proofs.begin(), proofs.end(), [](const Proof& p) { return p.proven(); }));
}

int Conclusion::tried() const {
  return static_cast<int>(
      std::count_if(proofs.begin(), proofs.end(), [](const Proof& p) { return p.tried && !p.sick; }));
}

std::vector<std::string> Conclusion::missing_parts() const {
  std::vector<std::string> parts;
  for (const Subsystem& part : subsystems)
    if (part.partly) parts.push_back(part.id);
  return parts;
}

Conclusion conclude(const Record& record) { return Builder(record).build(); }

}  // namespace assay::journal
