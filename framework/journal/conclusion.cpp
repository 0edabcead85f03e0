#include "journal/conclusion.hpp"

#include <algorithm>
#include <map>
#include <set>

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
    for (const Trial& trial : record_.trials) {
      if (trial.start.test.empty())
        take_unreadable(trial);
      else if (!trial.end)
        take_unfinished(trial);
      else if (core::speaks_of_machine(trial.start.purpose))
        take(trial);
      else
        take_proof(trial);
    }
    add_run_errors();
    add_unreached();
    add_faults();
    add_proofs();
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
    conclusion_.subsystems.push_back({id, Result::none, 0, false});
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
      add_coverage(trial);
    }
    if (end.status == Status::skipped) {
      const NotTested entry{trial.start.test, trial.start.target.id, end.category, end.reason, trial.start.required};
      for (NotTested& known : conclusion_.not_tested)
        if (known.test == entry.test && known.target == entry.target && known.reason == entry.reason) {
          known.required = known.required || entry.required;
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

  void add_coverage(const Trial& trial) {
    for (const auto& declared : info(trial.start.test).measurements) {
      if (!declared.coverage) continue;
      for (const core::Measurement& m : trial.measurements) {
        if (m.key != declared.key) continue;
        auto found = std::find_if(conclusion_.coverage.begin(), conclusion_.coverage.end(), [&](const Coverage& c) {
          return c.test == trial.start.test && c.key == m.key && c.target.id == trial.start.target.id;
        });
        if (found == conclusion_.coverage.end())
          conclusion_.coverage.push_back(
              {trial.start.test, m.key, m.unit, trial.start.target, declared.title, m.value});
        else
          found->value = std::max(found->value, m.value);
      }
    }
  }

  /// One fault per test, target and code: the first trial that showed it at its worst speaks, its repeats are counted.
  void add_faults() {
    std::map<std::string, Fault> worst;
    std::vector<std::string> order;
    for (const Trial& trial : record_.trials) {
      if (!trial.end || trial.start.test.empty() || !core::speaks_of_machine(trial.start.purpose)) continue;
      // Trouble with the tool is not bad hardware: what such a trial found does not count, unless the machine itself
      // says so. What the kernel said counts always.
      const bool counts = trial.start.purpose == Purpose::test && spoke(trial);
      for (const core::Finding& finding : all_findings(trial)) {
        const bool kernel = is_kernel(finding);
        if (!counts && !kernel) continue;
        // What the kernel said is one fault, however many trials ran meanwhile.
        const std::string key =
            kernel ? finding.code : trial.start.test + "|" + trial.start.target.id + "|" + finding.code;
        const auto known = worst.find(key);
        if (known != worst.end() && known->second.finding.severity >= finding.severity) continue;
        if (known == worst.end()) order.push_back(key);
        worst[key] = {finding,
                      trial.start.test,
                      info(trial.start.test).subsystem,
                      trial.start.target,
                      trial.start.id,
                      trial.start.seed,
                      trial.start.parameters,
                      0,
                      0};
      }
    }
    for (const std::string& key : order) {
      Fault& fault = worst[key];
      if (fault.finding.severity != Result::none) count_repeats(fault);
      (fault.finding.severity == Result::none ? conclusion_.notes : conclusion_.faults).push_back(fault);
    }
    std::stable_sort(conclusion_.faults.begin(), conclusion_.faults.end(),
                     [](const Fault& a, const Fault& b) { return a.finding.severity > b.finding.severity; });
  }

  static bool spoke(const Trial& trial) {
    return trial.end && (trial.end->status == Status::complete || trial.end->result == Result::fail);
  }
  static bool is_kernel(const core::Finding& finding) { return finding.code.rfind("kernel:", 0) == 0; }

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
      if (m.result > said) findings.push_back({m.result, "limit:" + m.key, "", ""});
    // A trial that failed without a readable reason failed all the same.
    for (const core::Finding& finding : findings)
      if (!is_kernel(finding)) said = core::worse(said, finding.severity);
    if (trial.end && trial.end->result >= Result::marginal && trial.end->result > said && !has_kernel(findings))
      findings.push_back({trial.end->result, "reason-lost", "It failed; what it said of that cannot be read.", ""});
    return findings;
  }

  /// A repeat shows the fault again when it shows the same one, not when it shows any.
  void count_repeats(Fault& fault) const {
    for (const Trial& trial : record_.trials)
      if (trial.start.id == fault.trial)
        for (const Repeats& own : trial.repeats)
          if (own.code == fault.finding.code) fault.repeats += own.repeats, fault.seen_again += own.seen_again;
    for (const Trial& trial : record_.trials) {
      if (trial.start.purpose != Purpose::confirm || trial.start.confirms != fault.trial || !spoke(trial)) continue;
      ++fault.repeats;
      for (const core::Finding& finding : all_findings(trial))
        if (finding.code == fault.finding.code && finding.severity >= Result::marginal) {
          ++fault.seen_again;
          break;
        }
    }
  }

  void take_proof(const Trial& trial) {
    auto& list = trial.start.purpose == Purpose::control ? controls_ : injections_;
    list[{trial.start.test, trial.start.injection}] = &trial;
  }

  void add_proofs() {
    std::set<std::string> unproven;
    for (const TestInfo& test : record_.start.tests) {
      if (test.injections.empty() && ran(test.id)) unproven.insert(test.id);
      for (const auto& injection : test.injections) add_proof(test, injection);
    }
    conclusion_.unproven_tests.assign(unproven.begin(), unproven.end());
  }

  bool ran(const std::string& test) const {
    return std::any_of(record_.trials.begin(), record_.trials.end(),
                       [&](const Trial& t) { return t.start.test == test; });
  }

  void add_proof(const TestInfo& test, const TestInfo::Injection& injection) {
    const auto trial = injections_.find({test.id, injection.id});
    const auto control = controls_.find({test.id, ""});
    if (trial == injections_.end() && control == controls_.end()) return;
    Proof proof{test.id, injection.id, injection.title, trial != injections_.end(), false, false, false, ""};
    if (proof.tried) {
      proof.stand_in = trial->second->start.target.stand_in;
      const TrialEnd& end = *trial->second->end;
      proof.tried = end.status != Status::skipped;
      proof.detected = end.status == Status::complete && end.result >= Result::marginal;
      if (!proof.detected)
        proof.reason = end.status == Status::complete ? "the test did not notice it"
                                                      : "the trial did not run to its end: " + end.reason;
    } else {
      proof.reason = "the injection was not tried";
    }
    if (control != controls_.end()) {
      const TrialEnd& end = *control->second->end;
      proof.control_passed = end.status == Status::complete && end.result == Result::pass;
      if (!proof.control_passed && proof.reason.empty())
        proof.reason = "the control, the same trial without the injection, did not pass" +
                       (end.reason.empty() ? std::string() : ": " + end.reason);
    }
    conclusion_.proofs.push_back(proof);
  }

  /// What happened to the run as a whole: it was cut off, the machine restarted, the kernel spoke between trials.
  void add_run_errors() {
    for (const ErrorLine& error : record_.errors) {
      if (error.symptom == "assay.no-kernel-log")
        conclusion_.not_tested.push_back({"", "kernel log", "no-permission",
                                          "hardware errors that only Linux sees were not watched: " + error.text,
                                          false});
      const bool restarted = error.symptom == "assay.restarted", kernel = error.symptom.rfind("assay.kernel.", 0) == 0;
      const bool overwritten = error.symptom == "assay.overwritten";
      if (error.symptom != "assay.interrupted" && !restarted && !kernel && !overwritten) continue;
      Fault fault;
      const Result severity =
          kernel ? core::result_from(error.symptom.substr(13)).value_or(Result::marginal) : Result::marginal;
      fault.finding = {restarted || kernel ? severity : Result::none, error.symptom.substr(6), error.text, ""};
      fault.subsystem = overwritten ? "storage" : "system";
      fault.target.id = "machine";
      (restarted || kernel ? conclusion_.faults : conclusion_.notes).push_back(fault);
    }
  }

  /// What was planned and never ended: the run was stopped or cut off first, or the target went away meanwhile.
  void add_unreached() {
    std::set<std::string> reached;
    for (const Trial& trial : record_.trials)
      if (trial.end && trial.end->status != Status::aborted && trial.start.purpose == Purpose::test)
        reached.insert(trial.start.test + " " + trial.start.target.id);
    for (const Planned& planned : record_.start.planned) {
      if (!reached.insert(planned.test + " " + planned.target).second) continue;
      subsystem(planned.test);
      conclusion_.not_tested.push_back({planned.test, planned.target, "not-reached",
                                        record_.stopped_by_user ? "the run was stopped before this was tested"
                                        : record_.finished()    ? "it could not be tested when the run went on"
                                                                : "the run was cut off before this was tested",
                                        planned.required});
    }
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
    const auto required = [](const NotTested& n) { return n.required; };
    const auto failed_proof = [](const Proof& p) { return p.tried && !p.proven(); };
    conclusion_.complete = record_.finished() && record_.damaged_lines == 0 && tested_ && !aborted_ &&
                           conclusion_.troubles.empty() && !record_.stopped_by_user &&
                           std::none_of(conclusion_.not_tested.begin(), conclusion_.not_tested.end(), required) &&
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

  const Record& record_;
  Conclusion conclusion_;
  std::map<std::pair<std::string, std::string>, const Trial*> injections_, controls_;
  bool tested_ = false, aborted_ = false;
};

}  // namespace

int Conclusion::proven() const {
  return static_cast<int>(std::count_if(proofs.begin(), proofs.end(), [](const Proof& p) { return p.proven(); }));
}

Conclusion conclude(const Record& record) { return Builder(record).build(); }

}  // namespace assay::journal
