#include "reports/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "inventory_facts.hpp"
#include "looked_again.hpp"
#include "moment.hpp"
#include "source.hpp"
#include "two_samples.hpp"
#include "words.hpp"

namespace assay::reports {
namespace {

using Answer = LookedAgain::Answer;
using core::Result;
using core::Status;
using fmt::arg;
using nlohmann::json;

constexpr double floor_share = 0.05;  // a smaller change than this is none for a bench
constexpr size_t runs_that_tell = 4, least_trials = 4;

bool is_sample(const journal::Trial& t) {
  return t.end && t.start.purpose == core::Purpose::test && t.end->status == Status::complete &&
         t.start.injection.empty();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return 0.5 * (values[(values.size() - 1) / 2] + values[values.size() / 2]);
}

/// Not by what a plugin calls its finding: that may be as the kernel's are. Parameters that decide what can be found
/// make another test.
std::string key_of(const journal::Fault& fault, const journal::Record& record) {
  if (is_kernel(fault)) return "kernel|" + fault.finding.code;
  const journal::TestInfo* test = record.test(fault.test);
  std::string key = fault.test + "|" + identity(fault.target) + "|" + fault.finding.code;
  for (const auto& [name, value] : fault.parameters)
    if (test == nullptr || std::find(test->extent.begin(), test->extent.end(), name) == test->extent.end())
      key += "|" + name + "=" + core::to_text(value);
  return key;
}

class Comparison {
 public:
  Comparison(const std::vector<Compared>& before, const std::vector<Compared>& after, const std::string& language)
      : before_(before),
        after_(after),
        files_(""),
        extras_{language, {}, {}, nullptr},
        s_(after.back().record, after.back().conclusion, files_, extras_),
        first_(before.front().record, before.front().conclusion, files_, extras_),
        l_(s_.l) {
    v_.language = l_.tag();
  }

  ComparisonView build() {
    sides();
    conditions();
    not_made_again();
    findings();
    figures();
    inventory();
    headline();
    return std::move(v_);
  }

 private:
  std::string when(const journal::Record& record) const { return moment(record.started_at, record.start.zone, l_); }

  void sides() {
    const auto add = [&](const std::string& name, const std::vector<Compared>& side) {
      for (const Compared& run : side)
        v_.sides.push_back({name, fmt::format("{}, {}, {}: {}", run.record.start.run_id, when(run.record),
                                              s_.local(run.record.start.plan_title), word_of(run))});
    };
    add(l_.say("Before"), before_);
    add(l_.say("After"), after_);
  }

  std::string word_of(const Compared& run) const {
    const bool in_part = !run.conclusion.missing_parts().empty() || !run.record.start.narrowed.empty();
    return run.conclusion.result == Result::pass && in_part ? l_.say("Passed in part")
                                                            : state_of(run.conclusion.result, l_).word;
  }

  /// A comparison of unlike things says so before any number.
  void conditions() {
    for (const auto* side : {&before_, &after_})
      for (const Compared& run : *side) {
        if (&run != &before_.front()) differences(Source(run.record, run.conclusion, files_, extras_));
        const std::string& id = run.record.start.run_id;
        if (run.record.start.rehearsal)
          v_.conditions.push_back({id, l_.say("a rehearsal: a fault was simulated on purpose")});
        if (run.seal == Seal::altered)
          v_.conditions.push_back({id, l_.say("altered since it was signed; see `assay report verify`")});
        if (run.seal == Seal::unsigned_) v_.conditions.push_back({id, l_.say("nobody signed it")});
        if (run.seal == Seal::unknown_key) v_.conditions.push_back({id, l_.say("signed by a station unknown here")});
      }
  }

  /// Nothing about the machine follows from runs that were altered, that nobody known here signed, or that are a
  /// rehearsal.
  bool can_be_relied_on() const {
    for (const auto* side : {&before_, &after_})
      for (const Compared& run : *side)
        if (run.seal != Seal::whole || run.record.start.rehearsal) return false;
    return true;
  }

  /// Tests that were made before and not after: where nobody looked, nothing is found.
  void not_made_again() {
    std::set<std::string> before, after;
    for (const auto& [side, made] : {std::pair{&before_, &before}, std::pair{&after_, &after}})
      for (const Compared& run : *side)
        for (const auto& t : run.record.trials)
          if (journal::spoke(t) && core::speaks_of_machine(t.start.purpose)) made->insert(t.start.test);
    nothing_in_common_ =
        std::none_of(before.begin(), before.end(), [&](const auto& test) { return after.count(test) > 0; });
    for (const std::string& test : before)
      if (after.count(test) == 0) v_.conditions.push_back({first_.test_title(test), l_.say("not tested again")});
  }

  /// What another run's conditions have that the first run's had not; each difference is told once.
  void differences(const Source& other) {
    const auto add = [&](const std::string& name, const std::string& a, const std::string& b) {
      if (a == b) return;
      const std::string words =
          l_.say("was {before}, is {now}", arg("before", a.empty() ? "-" : a), arg("now", b.empty() ? "-" : b));
      for (const Fact& known : v_.conditions)
        if (known.name == name && known.value == words) return;
      v_.conditions.push_back({name, words});
    };
    const journal::RunStart &a = first_.record.start, &b = other.record.start;
    const auto machine = [&](const std::string& name, const char* group, const char* key) {
      add(name, machine_text(*first_.machine, group, key), machine_text(*other.machine, group, key));
    };
    add(l_.say("Plan"), a.plan_id, b.plan_id);
    add(l_.say("Planned time"), l_.duration(a.planned_seconds), l_.duration(b.planned_seconds));
    add(l_.say("Assay's version"), a.version, b.version);
    machine(l_.say("Serial number"), "system", "serial");
    machine(l_.say("Processor"), "processor", "model");
    machine(l_.say("Microcode"), "processor", "microcode");
    machine(l_.say("System"), "software", "kernel");
    for (const auto& plugin : a.plugins)
      for (const auto& now : b.plugins)
        if (now.id == plugin.id && now.sha256 != plugin.sha256)
          add(l_.say("Plugin {name}", arg("name", plugin.id)), plugin.version + " " + plugin.sha256.substr(0, 8),
              now.version + " " + now.sha256.substr(0, 8));
  }

  static std::map<std::string, const journal::Fault*> faults(const std::vector<Compared>& side) {
    std::map<std::string, const journal::Fault*> result;
    for (const Compared& run : side)
      for (const auto& fault : run.conclusion.faults) result.emplace(key_of(fault, run.record), &fault);
    return result;
  }

  void findings() {
    const auto before = faults(before_), after = faults(after_);
    for (const auto& [key, fault] : after) {
      const bool known = before.count(key) > 0;
      add(known ? FindingChange::Kind::still_there : FindingChange::Kind::fresh, *fault,
          known                                                            ? seen_again_words(*fault)
          : looked_again(*fault, after_, before_).answer == Answer::looked ? l_.say("not seen before")
                                                                           : l_.say("its test was not made before"));
    }
    for (const auto& [key, fault] : before) {
      if (after.count(key) > 0) continue;
      const LookedAgain looked = looked_again(*fault, before_, after_);
      if (looked.answer == Answer::looked)
        add(FindingChange::Kind::gone, *fault, gone_words(*fault, looked));
      else
        add(FindingChange::Kind::not_tested_again, *fault, not_looked_words(looked));
    }
    std::stable_sort(v_.findings.begin(), v_.findings.end(),
                     [](const auto& a, const auto& b) { return a.kind < b.kind; });
  }

  /// The same kind of fault in the same piece, or in another corner of it.
  std::string seen_again_words(const journal::Fault& fault) const {
    const auto before = places_of(fault, before_), after = places_of(fault, after_);
    const auto meets = [](const journal::Place& a, const journal::Place& b) {
      return a.space == b.space && a.piece == b.piece && (!a.piece.empty() || (a.first < b.end && b.first < a.end));
    };
    const bool there = std::any_of(before.begin(), before.end(), [&](const auto& a) {
      return std::any_of(after.begin(), after.end(), [&](const auto& b) { return meets(a, b); });
    });
    return before.empty() || after.empty() || there ? l_.say("seen before, and seen again")
                                                    : l_.say("seen before, and seen again at another place");
  }

  std::string not_looked_words(const LookedAgain& looked) const {
    switch (looked.answer) {
      case Answer::other_parameters:
        return l_.say("its test was made again with other parameters only, so nothing can be said");
      case Answer::elsewhere:
        return l_.say("where it was seen was not tested again ({reached} of {count} places), so nothing can be said",
                      arg("count", looked.places), arg("reached", looked.places_reached));
      case Answer::in_part:
        return l_.say(
            "only {share} of it was tested again, and where in it the fault lay is not known, so nothing can be said",
            arg("share", with_unit(looked.percent, "%", l_)));
      case Answer::too_short:
        return l_.say("its test was made again for a shorter time than it took to show itself, so nothing can be said");
      case Answer::no_such_run:
        return l_.say("no whole run of the same plan listened for it, so nothing can be said");
      default:
        return l_.say("its test was not made again, so nothing can be said");
    }
  }

  /// The chance of luck is for trials of one recipe: its repeats before, with its very seed, and the same after.
  /// Repeats within a trial and trials with other seeds are other recipes, and give none.
  std::string gone_words(const journal::Fault& fault, const LookedAgain& looked) const {
    if (fault.test.empty()) return l_.say_n("not seen in {count} run", "not seen in {count} runs", looked.times);
    if (fault.repeats == 0 || fault.seen_again == 0 || fault.repeated_in_trial || looked.same_recipe == 0)
      return l_.say_n("not seen in {count} trial", "not seen in {count} trials", looked.times);
    const double chance = luck(fault.seen_again, fault.repeats, looked.same_recipe);
    return l_.say_n(
        "before in {seen} of {n} repeats, now in none of {count} trial; if nothing had changed, that would be "
        "seen {luck} % of the time",
        "before in {seen} of {n} repeats, now in none of {count} trials; if nothing had changed, that would "
        "be seen {luck} % of the time",
        looked.same_recipe, arg("seen", fault.seen_again), arg("n", fault.repeats),
        arg("luck", l_.number(100 * chance)));
  }

  void add(FindingChange::Kind kind, const journal::Fault& fault, const std::string& seen) {
    const State state = kind == FindingChange::Kind::still_there ? State{l_.say("Still there"), "fail"}
                        : kind == FindingChange::Kind::fresh     ? State{l_.say("New"), "fail"}
                        : kind == FindingChange::Kind::not_tested_again
                            ? State{l_.say("Not tested again"), "not-tested"}
                            : State{l_.say("Not seen again"), "pass"};
    const Source& names = s_.record.test(fault.test) != nullptr ? s_ : first_;
    const std::string title = fault.test.empty() ? subsystem_name(fault.subsystem, l_)
                                                 : names.test_title(fault.test) + ", " + s_.name_of(fault.target);
    v_.findings.push_back({kind, state, title, fault.finding.text, seen});
  }

  struct Samples {
    std::vector<std::vector<double>> runs;  // a list of values for each run
    const core::Measurement* any = nullptr;
    std::string target;  // its name on this side
    std::vector<double> all() const {
      std::vector<double> values;
      for (const auto& run : runs) values.insert(values.end(), run.begin(), run.end());
      return values;
    }
    std::vector<double> by_run() const {
      std::vector<double> values;
      for (const auto& run : runs)
        if (!run.empty()) values.push_back(median(run));
      return values;
    }
  };
  using Key = std::tuple<std::string, std::string, std::string>;

  static std::map<Key, Samples> samples(const std::vector<Compared>& side) {
    std::map<Key, Samples> result;
    for (size_t i = 0; i < side.size(); ++i)
      for (const auto& t : side[i].record.trials) {
        if (!is_sample(t)) continue;
        for (const core::Measurement& m : t.measurements) {
          Samples& of = result[{t.start.test, identity(t.start.target), m.key}];
          of.target = t.start.target.id;
          of.runs.resize(side.size());
          of.runs[i].push_back(m.value);
          of.any = &m;
        }
      }
    return result;
  }

  void figures() {
    const auto before = samples(before_), after = samples(after_);
    const bool by_run = before_.size() >= runs_that_tell && after_.size() >= runs_that_tell;
    std::vector<Shift> shifts;
    std::vector<double> p;
    std::vector<std::pair<double, const core::Measurement*>> bases;
    for (const auto& entry : before) {
      const Key& key = entry.first;
      const Samples& a = entry.second;
      const auto found = after.find(key);
      if (found == after.end() || found->second.any->unit != a.any->unit) continue;
      const Samples& b = found->second;
      const std::vector<double> from = by_run ? a.by_run() : a.all(), to = by_run ? b.by_run() : b.all();
      Shift shift = compare_samples(from, to);
      shift.enough = shift.enough && from.size() >= (by_run ? runs_that_tell : least_trials) &&
                     to.size() >= (by_run ? runs_that_tell : least_trials);
      shifts.push_back(shift);
      if (shift.enough) p.push_back(shift.p);
      const double base = median(from);
      const auto words = [&](double value) { return with_unit(value, a.any->unit, l_); };
      FigureChange row;
      row.test = std::get<0>(key);
      row.target = b.target;
      row.name = s_.measurement_title(row.test, std::get<2>(key));
      row.before = words(base);
      row.after = words(median(to));
      row.change = base == 0 ? words(shift.shift) : l_.number(100 * shift.shift / std::abs(base)) + " %";
      row.interval =
          base == 0 ? l_.say("{begin} to {end}", arg("begin", words(shift.least)), arg("end", words(shift.greatest)))
                    : l_.say("{begin} to {end}", arg("begin", l_.number(100 * shift.least / std::abs(base)) + " %"),
                             arg("end", l_.number(100 * shift.greatest / std::abs(base)) + " %"));
      if (!shift.enough) row.interval = "-";  // of so few samples there is none
      row.samples_before = static_cast<int>(from.size());
      row.samples_after = static_cast<int>(to.size());
      v_.figures.push_back(row);
      bases.emplace_back(std::abs(base), found->second.any);
    }
    const std::vector<double> corrected = adjusted(p);
    size_t next = 0;
    for (size_t i = 0; i < v_.figures.size(); ++i) {
      if (shifts[i].enough) v_.figures[i].p = corrected[next++];
      // A single change among so many measurements could not come out: that is said, and not that nothing changed.
      const double alone =
          static_cast<double>(p.size()) * least_p(v_.figures[i].samples_before, v_.figures[i].samples_after);
      v_.figures[i].could_show_alone = alone < 0.05;
      judge(v_.figures[i], shifts[i], floor_share * bases[i].first, *bases[i].second);
    }
    v_.method = l_.say(
        "Test used: Mann and Whitney's, two-sided, with Hodges and Lehmann's shift and its 95 % interval; p values "
        "after "
        "Benjamini and Hochberg over all measurements. A change counts when p is below 0.05 and the whole interval "
        "lies "
        "beyond 5 %; it is the same when the whole interval lies within 5 %.");
    if (!by_run)
      v_.caution = l_.say(
          "The samples are trials of few runs. What differs from run to run (heat, boot, background work) is not in "
          "them: with four runs on each side the samples are whole runs, and say more.");
  }

  void judge(FigureChange& row, const Shift& shift, double floor, const core::Measurement& measurement) const {
    using Kind = FigureChange::Kind;
    if (shift.enough && row.p < 0.05 && (shift.least > floor || shift.greatest < -floor))
      row.kind = shift.shift > 0 ? Kind::higher : Kind::lower;
    else if (shift.enough && shift.least >= -floor && shift.greatest <= floor)
      row.kind = Kind::same;
    row.word = row.kind == Kind::higher               ? l_.say("higher")
               : row.kind == Kind::lower              ? l_.say("lower")
               : row.kind == Kind::same               ? l_.say("the same")
               : shift.enough && row.could_show_alone ? l_.say("could not tell")
                                                      : l_.say("too few samples");
    row.state = {row.word, row.kind == Kind::same     ? "pass"
                           : row.kind == Kind::higher ? "higher"
                           : row.kind == Kind::lower  ? "lower"
                                                      : "unclear"};
    if (row.kind != Kind::higher && row.kind != Kind::lower) return;
    bool low_is_good = false, high_is_good = false;
    for (const core::Limit& limit : measurement.limits) {
      low_is_good |= limit.comparator == core::Comparator::at_most || limit.comparator == core::Comparator::below;
      high_is_good |= limit.comparator == core::Comparator::at_least || limit.comparator == core::Comparator::above;
    }
    if (low_is_good == high_is_good) return;  // nobody said which way is the good one, or both are bad
    const bool better = low_is_good == (row.kind == Kind::lower);
    row.state = {better ? l_.say("better") : l_.say("worse"), better ? "pass" : "marginal"};
  }

  void inventory() {
    v_.inventory = inventory_changes(inventory_facts(*first_.machine, l_), inventory_facts(*s_.machine, l_), l_);
  }

  void headline() {
    std::map<FindingChange::Kind, long> count;
    for (const FindingChange& f : v_.findings) ++count[f.kind];
    using Kind = FindingChange::Kind;
    const long worse =
        std::count_if(v_.figures.begin(), v_.figures.end(), [](const auto& f) { return f.state.mark == "marginal"; });
    bool complete = true;
    for (const Compared& run : after_) complete = complete && run.conclusion.complete;
    if (count[Kind::still_there] > 0) {
      v_.verdict = {l_.say("Still there"), "fail"};
      v_.headline = l_.say_n("A fault of before is still there ({count}).",
                             "Faults of before are still there ({count}).", count[Kind::still_there]);
    } else if (count[Kind::fresh] > 0) {
      v_.verdict = {l_.say("New"), "fail"};
      v_.headline = l_.say_n("A fault that was not seen before was found ({count}).",
                             "Faults that were not seen before were found ({count}).", count[Kind::fresh]);
    } else if (count[Kind::not_tested_again] > 0) {
      v_.verdict = {l_.say("Could not tell"), "unclear"};
      v_.headline =
          l_.say_n("The test of a fault of before was not made again ({count}).",
                   "The tests of faults of before were not made again ({count}).", count[Kind::not_tested_again]);
    } else if (count[Kind::gone] > 0) {
      v_.verdict = {l_.say("Not seen again"), complete ? "pass" : "unclear"};
      v_.headline = l_.say_n("The fault of before was not seen again ({count}).",
                             "The faults of before were not seen again ({count}).", count[Kind::gone]);
    } else {
      v_.verdict = State{l_.say("No fault found"), complete && !nothing_in_common_ ? "pass" : "unclear"};
      v_.headline = l_.say("No fault was found on either side.");
      if (nothing_in_common_) v_.headline += " " + l_.say("No test was made on both sides.");
    }
    if (worse > 0 && v_.verdict.mark == "pass") v_.verdict = {l_.say("worse"), "marginal"};
    if (worse > 0)
      v_.headline += " " + l_.say_n("{count} measurement became worse.", "{count} measurements became worse.", worse);
    if (!complete) v_.headline += " " + l_.say("Not everything could be tested.");
    if (!can_be_relied_on()) {
      v_.verdict = {l_.say("Could not tell"), "unclear"};
      v_.headline = l_.say(
                        "Nothing about the machine follows from this comparison: one of its runs was altered, was not "
                        "signed, or is a rehearsal (see what differs besides).") +
                    " " + v_.headline;
    }
  }

  const std::vector<Compared>&before_, &after_;
  bool nothing_in_common_ = false;
  const journal::RunFiles files_;
  const Extras extras_;
  const Source s_, first_;
  const Language& l_;
  ComparisonView v_;
};

}  // namespace

ComparisonView compare(const std::vector<Compared>& before, const std::vector<Compared>& after,
                       const std::string& language) {
  return Comparison(before, after, language).build();
}

}  // namespace assay::reports
