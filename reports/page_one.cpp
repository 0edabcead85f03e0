// The page for the customer: plain words, in their language, and nothing that only a technician could use.
#include <fmt/ranges.h>

#include <algorithm>
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

constexpr size_t most_findings = 3, most_gaps = 5;

class PageOne {
 public:
  PageOne(const Source& source, View& view)
      : s_(source), r_(source.record), c_(source.conclusion), l_(source.l), v_(view) {}

  void build() {
    v_.sheet = s_.extras.sheet;
    v_.signature = s_.extras.trust;
    verdict();
    banners();
    identity();
    parts();
    findings();
    done();
    gaps();
    trust();
  }

 private:
  void verdict() {
    v_.verdict = state_of(c_.result, l_);
    switch (c_.result) {
      case Result::pass:
        v_.headline = pass_headline();
        break;
      case Result::marginal:
        v_.headline = l_.say("Works, but not as it should: see what we found.");
        break;
      case Result::fail: {
        const journal::Fault* worst = worst_fault();
        const std::string part = worst == nullptr ? "" : subsystem_name(worst->subsystem, l_);
        v_.headline = worst == nullptr ? l_.say("A fault was found.")
                      : worst->intermittent()
                          ? l_.say("A fault that comes and goes was found: {part}.", arg("part", part))
                          : l_.say("A fault was found: {part}.", arg("part", part));
        break;
      }
      case Result::inconclusive:
        v_.headline = unclear_headline();
        break;
      case Result::none:
        v_.headline = l_.say("Nothing was tested.");
        break;
    }
    if (c_.result == Result::fail && !c_.complete) v_.headline += " " + l_.say("Not everything could be tested.");
  }

  /// A pass of everything, or of a part alone: then the word says so, and the headline says of what not.
  std::string pass_headline() {
    std::string missing;
    for (const std::string& part : c_.missing_parts())
      missing = missing.empty() ? missing_part(part) : joined(missing, missing_part(part), l_);
    if (!missing.empty() || !r_.start.narrowed.empty()) v_.verdict = in_part();
    if (!missing.empty()) v_.verdict.word = l_.say("Passed in part: {parts}", arg("parts", missing));
    if (!r_.start.narrowed.empty()) return l_.say("No fault found in the part of the plan that was asked for.");
    if (!missing.empty()) return l_.say("No fault was found in what was tested.");
    return reached_all() && !left_out() ? l_.say("No fault found: everything that this plan tests passed.")
                                        : l_.say("No fault found in what was tested; not everything was: see below.");
  }

  State in_part() const { return {l_.say("Passed in part"), "part"}; }

  /// "disks not tested", "memory 9 % tested".
  std::string missing_part(const std::string& id) const {
    double least = 2;
    for (const auto& shortfall : c_.shortfalls)
      if (s_.subsystem_of(shortfall.test) == id) least = std::min(least, shortfall.covered);
    const std::string name = subsystem_in_sentence(id, l_);
    if (least <= 1)
      return l_.say("{part} only {share} tested", arg("part", name), arg("share", with_unit(100 * least, "%", l_)));
    const auto found =
        std::find_if(c_.subsystems.begin(), c_.subsystems.end(), [&](const auto& s) { return s.id == id; });
    return found != c_.subsystems.end() && found->trials > 0 ? l_.say("{part} not fully tested", arg("part", name))
                                                             : l_.say("{part} not tested", arg("part", name));
  }

  /// The first that fails for certain, else the first that fails at all.
  const journal::Fault* worst_fault() const {
    const journal::Fault* first = nullptr;
    for (const auto& fault : c_.faults) {
      if (fault.finding.severity != Result::fail) continue;
      if (!fault.intermittent()) return &fault;
      if (first == nullptr) first = &fault;
    }
    return first;
  }

  std::string unclear_headline() const {
    if (r_.stopped_by_user) return l_.say("The run was stopped before its end.");
    for (const auto& p : c_.proofs)
      if (p.tried && !p.proven() && !p.sick)
        return l_.say("A test did not notice a simulated fault, so a pass would prove nothing.");
    return l_.say("Not everything that the plan requires could be tested.");
  }

  void banners() {
    if (r_.start.rehearsal)
      v_.rehearsal =
          l_.say("Rehearsal: a fault was simulated on purpose ({fault}). This report says nothing about the machine.",
                 arg("fault", injected()));
    if (!r_.finished())
      v_.unfinished =
          l_.say("The run has not ended: it is still going on, or was cut off; then `assay resume` goes on with it.");
    else if (r_.stopped_by_user)
      v_.unfinished = l_.say("The run was stopped before its end.");
    if (!r_.start.narrowed.empty())
      v_.narrowed = l_.say("Only a part of the plan was asked for: {part}. The rest of it was not tested.",
                           arg("part", fmt::format("{}", fmt::join(r_.start.narrowed, " "))));
    if (r_.start.format > journal::record_format)
      v_.newer = l_.say(
          "This record was written by a newer version of Assay ({version}). What this version knows of it is shown; "
          "there may be more.",
          arg("version", r_.start.version));
  }

  std::string injected() const {
    for (const auto& trial : r_.trials)
      if (trial.start.purpose == Purpose::test && !trial.start.injection.empty())
        return named(s_.test_title(trial.start.test), injection_title(trial.start), l_);
    return l_.say("a simulated fault");
  }

  std::string injection_title(const journal::TrialStart& start) const {
    if (const auto* test = r_.test(start.test))
      for (const auto& injection : test->injections)
        if (injection.id == start.injection && !injection.title.empty()) return s_.local(injection.title);
    return start.injection;
  }

  void identity() {
    const auto add = [&](const std::string& name, const std::string& value) {
      if (!value.empty()) v_.identity.push_back({name, value});
    };
    add(l_.say("Machine"), core::trimmed(machine_text(*s_.machine, "system", "vendor") + " " +
                                         machine_text(*s_.machine, "system", "product")));
    add(l_.say("Serial number"), machine_text(*s_.machine, "system", "serial"));
    if (v_.identity.empty()) {  // a machine that does not say who it is can still be told from another
      add(l_.say("Processor"), machine_text(*s_.machine, "processor", "model"));
      if (const double bytes = machine_number(*s_.machine, "memory", "visible_bytes"); bytes > 0)
        add(l_.say("Memory"), l_.bytes(static_cast<uint64_t>(std::min(bytes, 1e18))));
    }
    add(l_.say("Case"), v_.sheet.case_number);
    v_.date = moment(r_.started_at, r_.start.zone, l_);
    add(l_.say("Tested on"), v_.date);
    add(l_.say("Plan"), joined(s_.local(r_.start.plan_title), l_.duration(r_.seconds), l_));
    add(l_.say("Tested by"), v_.sheet.technician);
    v_.next_date = v_.sheet.next_date.empty() ? "" : l_.date(v_.sheet.next_date);
    const std::string& reproduced = v_.sheet.reproduced;
    v_.reproduced = reproduced == "yes"         ? l_.say("reproduced: yes")
                    : reproduced == "no"        ? l_.say("reproduced: no")
                    : reproduced == "not-tried" ? l_.say("reproduced: not tried")
                                                : "";
  }

  /// The usual parts of a machine, in one order, tested or not; others that were tested come after them.
  void parts() {
    std::vector<std::string> order{"processor", "memory", "storage", "cooling", "usb", "network", "power", "system"};
    for (const auto& part : c_.subsystems)
      if (std::find(order.begin(), order.end(), part.id) == order.end()) order.push_back(part.id);
    for (const std::string& id : order) v_.parts.push_back(part(id));
  }

  PartView part(const std::string& id) const {
    PartView view = tested_part(id);
    // What the kernel said, or a restart, belongs to no trial, and to a part all the same.
    Result worst = Result::none;
    for (const auto& fault : c_.faults)
      if ((fault.subsystem.empty() ? "other" : fault.subsystem) == id)
        worst = core::worse(worst, fault.finding.severity);
    const auto found =
        std::find_if(c_.subsystems.begin(), c_.subsystems.end(), [&](const auto& s) { return s.id == id; });
    const Result tested = found == c_.subsystems.end() ? Result::none : found->result;
    if (worst >= Result::marginal && worst > tested) {
      view.state = state_of(worst, l_);
      if (tested == Result::none) view.detail = l_.say("seen while the machine was tested");
    }
    return view;
  }

  PartView tested_part(const std::string& id) const {
    PartView view{id, subsystem_name(id, l_), state_of(Result::none, l_), ""};
    const auto found =
        std::find_if(c_.subsystems.begin(), c_.subsystems.end(), [&](const auto& s) { return s.id == id; });
    if (found != c_.subsystems.end() && (found->trials > 0 || found->trouble)) {
      view.state = state_of(found->result, l_);
      if (found->trials > 0) view.detail = l_.say_n("{count} trial", "{count} trials", found->trials);
      if (found->trouble) {
        const std::string trouble = l_.say("trouble with a test");
        view.detail = view.detail.empty() ? trouble : joined(view.detail, trouble, l_);
        if (found->result == Result::pass || found->result == Result::none)
          view.state = state_of(Result::inconclusive, l_);
      }
      if (found->partly && found->trials > 0 && view.state.mark == "pass") view.state = in_part();
      if (const std::string share = covered_share(id); !share.empty()) view.detail = joined(view.detail, share, l_);
      return view;
    }
    for (const auto& n : c_.not_tested)
      if (!n.test.empty() && s_.subsystem_of(n.test) == id) {
        view.detail = plain_reason(n.category, l_);
        return view;
      }
    view.detail = l_.say("not part of this plan");
    return view;
  }

  /// Of the part's targets the one that was covered least, each by the best of its tests; -1: none counts its coverage.
  double least_share(const std::string& part) const {
    double least = -1;
    for (const auto& [target, share] : shares(part)) least = least < 0 ? share : std::min(least, share);
    return least;
  }

  std::map<std::string, double> shares(const std::string& part) const {
    std::map<std::string, double> by_target;
    for (const auto& coverage : c_.coverage)
      if (coverage.unit == "%" && s_.subsystem_of(coverage.test) == part) {
        double& best = by_target[coverage.target.id];
        best = std::max(best, coverage.value);
      }
    return by_target;
  }

  /// "10 % covered" where a test of this part counts its coverage so.
  std::string covered_share(const std::string& part) const {
    const size_t targets = shares(part).size();
    const double least = least_share(part);
    if (targets == 0) return "";
    return targets == 1 ? l_.say("{share} covered", arg("share", with_unit(least, "%", l_)))
                        : l_.say("at least {share} of each covered", arg("share", with_unit(least, "%", l_)));
  }

  void findings() {
    v_.nothing_found = c_.result == Result::pass   ? l_.say("No fault found.")
                       : c_.result == Result::none ? l_.say("Nothing was tested.")
                                                   : l_.say("No fault was found in what was tested.");
    std::set<std::string> told;
    for (const auto& fault : c_.faults) {
      // One line for each test and target: the worst of its findings.
      if (!fault.test.empty() && !told.insert(fault.test + "|" + fault.target.id).second) continue;
      if (v_.plain_findings.size() == most_findings) {
        const long more = static_cast<long>(c_.faults.size() - most_findings);
        v_.more_findings = l_.say_n("{count} more finding is on the pages for the technician.",
                                    "{count} more findings are on the pages for the technician.", more);
        break;
      }
      v_.plain_findings.push_back(plain(fault));
    }
  }

  PlainFinding plain(const journal::Fault& fault) const {
    PlainFinding result;
    result.state = state_of(fault.finding.severity, l_);
    const auto* test = r_.test(fault.test);
    const std::string target = s_.name_of(fault.target);
    const std::string part =
        test == nullptr ? subsystem_name(fault.subsystem, l_) : with_aside(s_.local(test->title), target, l_);
    if (fault.finding.origin == core::Origin::kernel)
      result.text =
          l_.say("{part}: the system itself reported a hardware error while the test ran.", arg("part", part));
    else if (test == nullptr)
      result.text = l_.say("{part}: see the pages for the technician.", arg("part", part));
    else if (fault.intermittent())
      result.text =
          l_.say("{part}: failed, and then {k} of {n} times when it was tried again. Between failures it works.",
                 arg("part", part), arg("k", fault.seen_again), arg("n", fault.repeats));
    else if (fault.finding.severity == Result::marginal)
      result.text = l_.say("{part}: works, but not as it should.", arg("part", part));
    else if (fault.repeats > 0)
      result.text = l_.say("{part}: failed, and again {k} of {n} times when it was tried again.", arg("part", part),
                           arg("k", fault.seen_again), arg("n", fault.repeats));
    else
      result.text = l_.say("{part}: failed.", arg("part", part));
    if (fault.intermittent()) result.state = {l_.say("Comes and goes"), "fail"};
    if (test != nullptr) result.advice = s_.local(test->advice);
    for (const PlainFinding& before : v_.plain_findings)
      if (before.advice == result.advice) result.advice.clear();  // said once
    return result;
  }

  void done() {
    v_.done = v_.sheet.done;
    long trials = 0;
    std::set<std::string> tests;
    for (const auto& trial : r_.trials)
      if (trial.end && core::speaks_of_machine(trial.start.purpose) && trial.end->status == Status::complete)
        ++trials, tests.insert(trial.start.test);
    v_.done.push_back(l_.say("The machine was tested for {time}: {tests}, {trials}.",
                             arg("time", l_.duration(r_.seconds)),
                             arg("tests", l_.say_n("{count} test", "{count} tests", static_cast<long>(tests.size()))),
                             arg("trials", l_.say_n("{count} trial", "{count} trials", trials))));
    if (r_.start.consent.destructive)
      v_.done.push_back(l_.say("Tests were allowed to write over the devices that were named."));
    else if (r_.start.consent.scratch)
      v_.done.push_back(l_.say("Tests were allowed to write files of their own into free space, and removed them."));
    else
      v_.done.push_back(l_.say("Nothing was written to the machine's disks by the tests."));
  }

  /// Gaps of one part and one reason are one line: a customer does not count tests.
  void gaps() {
    std::vector<PlainGap> gaps;
    const auto add = [&](const std::string& what, const std::string& category, bool required) {
      const std::string why = plain_reason(category, l_);
      for (PlainGap& known : gaps)
        if (known.what == what && known.why == why) {
          known.required = known.required || required;
          return;
        }
      gaps.push_back({what, why, required});
    };
    for (const auto& n : c_.not_tested)
      add(n.test.empty() ? l_.say("Hardware errors that only Linux sees") : s_.test_title(n.test), n.category,
          n.required || n.operators);
    // What crashed or hung each time was not tested either.
    std::set<std::string> spoke;
    for (const auto& trial : r_.trials)
      if (trial.end && trial.end->status == Status::complete && core::speaks_of_machine(trial.start.purpose))
        spoke.insert(trial.start.test + "|" + trial.start.target.id);
    for (const auto& trouble : c_.troubles)
      if (!trouble.test.empty() && spoke.count(trouble.test + "|" + trouble.target) == 0)
        add(s_.test_title(trouble.test), "trouble", false);
    if (!r_.start.narrowed.empty()) add(l_.say("The rest of the plan"), "not-selected", false);
    for (const auto& id : c_.unproven_tests) add(s_.test_title(id), "unproven", false);
    const auto reached = [&](double percent) {
      return l_.say("only {share} was reached", arg("share", with_unit(percent, "%", l_)));
    };
    for (const PartView& part : v_.parts)
      if (const double share = least_share(part.id); share >= 0 && share < 99)
        gaps.insert(gaps.begin(), {part.name, reached(share), false});
    // Where a test reached less than the plan requires, it is the test that is named.
    for (const auto& shortfall : c_.shortfalls)
      if (shortfall.required)
        gaps.insert(gaps.begin(), {s_.test_title(shortfall.test), reached(100 * shortfall.covered), true});
    // What the plan requires first; what the machine does not have is no loss, and comes last.
    const std::string absent = plain_reason("absent", l_);
    const auto rank = [&](const PlainGap& gap) { return gap.required ? 0 : gap.why == absent ? 2 : 1; };
    std::stable_sort(gaps.begin(), gaps.end(), [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
    if (gaps.size() > most_gaps) {
      v_.more_gaps =
          l_.say_n("{count} more is on the pages for the technician.",
                   "{count} more are on the pages for the technician.", static_cast<long>(gaps.size() - most_gaps));
      gaps.resize(most_gaps);
    }
    v_.plain_gaps = gaps;
    if (c_.not_tested.empty() && c_.unproven_tests.empty() && c_.complete && r_.start.narrowed.empty() &&
        c_.missing_parts().empty())
      v_.all_tested = reached_all() ? l_.say("Everything in the plan was tested.")
                                    : l_.say(
                                          "Every test of the plan ran, but not all of the hardware was reached in its "
                                          "time: see what was covered.");
  }

  /// Hardware that is there and was not tested; what the machine does not have is no gap in a verdict.
  bool left_out() const {
    return std::any_of(c_.not_tested.begin(), c_.not_tested.end(),
                       [](const auto& n) { return !n.test.empty() && n.category != "absent"; });
  }

  bool reached_all() const {
    return std::none_of(c_.coverage.begin(), c_.coverage.end(),
                        [](const auto& coverage) { return coverage.unit == "%" && coverage.value < 99; });
  }

  void trust() {
    if (const double tested = tested_seconds(); tested > 0 && c_.result == Result::pass && !r_.start.rehearsal)
      v_.trust = !reached_all() ? l_.say(
                                      "Of what was reached, every part under load was tested for {time} or longer "
                                      "without a fault: a fault that "
                                      "shows itself there more often than every {often} would have been seen (95 %).",
                                      arg("time", l_.duration(tested)), arg("often", l_.duration(tested / 3)))
                                : l_.say(
                                      "Every part under load was tested for {time} or longer without a fault: a fault "
                                      "that shows itself there "
                                      "more often than every {often} would have been seen (95 %).",
                                      arg("time", l_.duration(tested)), arg("often", l_.duration(tested / 3)));
    const int tried = c_.tried();
    const bool sick = std::any_of(c_.proofs.begin(), c_.proofs.end(), [](const auto& p) { return p.sick; });
    v_.proof =
        tried == 0 && sick
            ? l_.say(
                  "Whether the tests can notice a simulated fault could not be told: the machine itself failed them.")
        : tried == 0 ? l_.say("Whether the tests can notice a fault was not checked in this run.")
        : c_.proven() < tried
            ? l_.say_n("The tests were first tried on simulated faults; of {count} they noticed only {proven}.",
                       "The tests were first tried on simulated faults; of {count} they noticed only {proven}.",
                       static_cast<long>(tried), arg("proven", c_.proven()))
            : l_.say_n(
                  "The tests were first tried on simulated faults and noticed them: {proven} of {count} check. "
                  "Such faults exist in the test program only; nothing in the machine was damaged.",
                  "The tests were first tried on simulated faults and noticed them: {proven} of {count} checks. "
                  "Such faults exist in the test program only; nothing in the machine was damaged.",
                  static_cast<long>(tried), arg("proven", c_.proven()));
    v_.snapshot = l_.say("This is how the machine was at the time of the test. It is no promise for the future.");
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

  const Source& s_;
  const journal::Record& r_;
  const journal::Conclusion& c_;
  const Language& l_;
  View& v_;
};

}  // namespace

void add_page_one(const Source& source, View& view) { PageOne(source, view).build(); }

}  // namespace assay::reports
