#include <algorithm>
#include <map>

#include "conclusion_parts.hpp"

namespace assay::journal {
namespace {

using core::Purpose;
using core::Result;
using core::Status;

class Proofs {
 public:
  explicit Proofs(const Record& record) {
    for (const Trial& trial : record.trials) {
      if (!trial.end || trial.start.test.empty()) continue;
      // A test that is in the plan with several parameters is proven with each: the one that does worst speaks.
      if (trial.start.purpose == Purpose::control)
        keep_worse(controls_[trial.start.test], trial, [](const TrialEnd& end) { return end.result == Result::pass; });
      if (trial.start.purpose == Purpose::injection)
        keep_worse(injections_[{trial.start.test, trial.start.injection}], trial,
                   [](const TrialEnd& end) { return end.result >= Result::marginal; });
    }
  }

  void add(const TestInfo& test, const TestInfo::Injection& injection, std::vector<Proof>& proofs) const {
    const auto found = injections_.find({test.id, injection.id});
    const auto control = controls_.find(test.id);
    if (found == injections_.end() && control == controls_.end()) return;
    Proof proof;
    proof.test = test.id;
    proof.injection = injection.id;
    proof.title = injection.title;
    if (control != controls_.end()) take_control(*control->second, proof);
    if (found == injections_.end())
      proof.reason = "the injection was not tried";
    else
      take_injection(*found->second, control == controls_.end() ? nullptr : control->second, proof);
    proofs.push_back(proof);
  }

 private:
  template <class Good>
  static void keep_worse(const Trial*& kept, const Trial& trial, Good good) {
    const auto is_good = [&](const Trial& t) { return t.end->status == Status::complete && good(*t.end); };
    if (kept == nullptr || is_good(*kept)) kept = &trial;
  }

  static void take_control(const Trial& control, Proof& proof) {
    const TrialEnd& end = *control.end;
    proof.control_passed = end.status == Status::complete && end.result == Result::pass;
    if (proof.control_passed) return;
    proof.sick = end.result == Result::fail || (end.status == Status::complete && end.result == Result::marginal);
    proof.reason = proof.sick ? "the machine itself failed the same trial without the injection: what is planted "
                                "cannot be told from its own fault"
                              : "the control, the same trial without the injection, did not pass" +
                                    (end.reason.empty() ? std::string() : ": " + end.reason);
  }

  static void take_injection(const Trial& trial, const Trial* control, Proof& proof) {
    const TrialEnd& end = *trial.end;
    proof.stand_in = trial.start.target.stand_in;
    // What cannot be done here at all, planted or not, was not tried. A test that skips only what is planted was.
    const bool both_skipped =
        end.status == Status::skipped && control != nullptr && control->end->status == Status::skipped;
    proof.tried = !both_skipped;
    proof.detected = end.status == Status::complete && end.result >= Result::marginal;
    if (proof.detected || proof.sick) return;
    proof.reason = end.status == Status::complete  ? "the test did not notice it"
                   : end.status == Status::skipped ? "the test skipped it: " + end.reason
                                                   : "the trial did not run to its end: " + end.reason;
  }

  std::map<std::string, const Trial*> controls_;
  std::map<std::pair<std::string, std::string>, const Trial*> injections_;
};

}  // namespace

void add_proofs(const Record& record, Conclusion& conclusion) {
  const Proofs proofs(record);
  const auto ran = [&](const TestInfo& test) {
    return std::any_of(record.trials.begin(), record.trials.end(),
                       [&](const Trial& t) { return t.start.test == test.id; });
  };
  for (const TestInfo& test : record.start.tests) {
    if (test.injections.empty() && ran(test)) conclusion.unproven_tests.push_back(test.id);
    for (const auto& injection : test.injections) proofs.add(test, injection, conclusion.proofs);
  }
  std::sort(conclusion.unproven_tests.begin(), conclusion.unproven_tests.end());
}

}  // namespace assay::journal
