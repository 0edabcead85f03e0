// JUnit XML, for those who collect results with CI tools: hardware faults are failures, trouble with the tool is an
// error.
#include <fmt/format.h>

#include "core/text.hpp"
#include "reports/view.hpp"

namespace assay::reports {
namespace {

/// Without what XML 1.0 forbids.
std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : core::safe_text(text)) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

}  // namespace

std::string junit(const journal::Record& record, const journal::Conclusion& conclusion) {
  std::string cases;
  int tests = 0, failures = 0, errors = 0, skipped = 0;
  const auto add = [&](const std::string& test, const std::string& name, double seconds, const std::string& inside) {
    ++tests;
    cases += fmt::format("  <testcase classname=\"{}\" name=\"{}\" time=\"{:.3f}\">{}</testcase>\n", escaped(test),
                         escaped(name), seconds, inside);
  };
  for (const journal::Trial& trial : record.trials) {
    if (!core::speaks_of_machine(trial.start.purpose)) continue;
    std::string inside;
    const double seconds = trial.end ? trial.end->seconds : 0;
    if (!trial.end)
      ++errors, inside = "<error message=\"cut off\"/>";
    else if (trial.end->result >= core::Result::marginal) {
      ++failures;
      inside = fmt::format("<failure message=\"{}\"/>",
                           escaped(trial.findings.empty() ? "beyond a limit" : trial.findings.front().text));
    } else if (trial.end->status == core::Status::skipped)
      ++skipped, inside = fmt::format("<skipped message=\"{}\"/>", escaped(trial.end->reason));
    else if (trial.end->status != core::Status::complete)
      ++errors, inside = fmt::format("<error message=\"{}\"/>", escaped(trial.end->reason));
    add(trial.start.test, trial.start.target.id + " " + trial.start.id, seconds, inside);
  }
  // A skipped trial is a case of its own already.
  const auto is_trial = [&](const journal::NotTested& n) {
    for (const journal::Trial& t : record.trials)
      if (t.end && t.end->status == core::Status::skipped && t.start.test == n.test && t.start.target.id == n.target &&
          core::speaks_of_machine(t.start.purpose))
        return true;
    return false;
  };
  for (const journal::NotTested& n : conclusion.not_tested) {
    if (is_trial(n)) continue;
    ++skipped;
    add(n.test, n.target.empty() ? "not tested" : n.target, 0,
        fmt::format("<skipped message=\"{}\"/>", escaped(n.category + ": " + n.reason)));
  }
  for (const journal::Shortfall& shortfall : conclusion.shortfalls) {
    const std::string what = fmt::format("reached {:.4g} % of at least {:.4g} % that were asked for",
                                         100 * shortfall.covered, 100 * shortfall.least);
    ++(shortfall.required ? errors : skipped);
    add(shortfall.test, shortfall.target.id + " coverage", 0,
        fmt::format("<{} message=\"{}\"/>", shortfall.required ? "error" : "skipped", escaped(what)));
  }
  // What the kernel said between trials, or a restart, belongs to no trial.
  for (const journal::Fault& fault : conclusion.faults) {
    if (!fault.test.empty()) continue;
    ++failures;
    add("assay." + fault.subsystem, fault.finding.code, 0,
        fmt::format("<failure message=\"{}\"/>", escaped(fault.finding.text)));
  }
  const std::string properties =
      record.start.rehearsal
          ? "  <properties><property name=\"rehearsal\" value=\"a fault was simulated on purpose\"/></properties>\n"
          : "";
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"assay {}{}\" tests=\"{}\" failures=\"{}\" "
      "errors=\"{}\" skipped=\"{}\" time=\"{:.3f}\">\n{}{}</testsuite>\n",
      escaped(record.start.plan_id), record.start.rehearsal ? " (rehearsal)" : "", tests, failures, errors, skipped,
      record.seconds, properties, cases);
}

}  // namespace assay::reports
