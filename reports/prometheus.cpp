// The verdict and the last measurements for Prometheus: a file for the node exporter's text file collector. Names and
// escapes after the exposition format, version 0.0.4.
#include <fmt/format.h>

#include <ctime>
#include <map>

#include "core/text.hpp"
#include "reports/view.hpp"

namespace assay::reports {
namespace {

std::string label(const std::string& text) {
  std::string escaped;
  for (const char c : core::safe_text(text, 200)) escaped += c == '"' ? "\\\"" : c == '\\' ? "\\\\" : std::string(1, c);
  return escaped;
}

}  // namespace

std::string prometheus(const journal::Record& record, const journal::Conclusion& conclusion) {
  std::string out;
  const auto metric = [&](const char* name, const char* help) {
    out += fmt::format("# HELP assay_{} {}\n# TYPE assay_{} gauge\n", name, help, name);
  };
  const std::string run =
      fmt::format("plan=\"{}\",rehearsal=\"{}\"", label(record.start.plan_id), record.start.rehearsal ? "yes" : "no");
  metric("result", "What the run says of the machine: 1 for the one that holds.");
  for (const core::Result result :
       {core::Result::pass, core::Result::marginal, core::Result::fail, core::Result::inconclusive, core::Result::none})
    out += fmt::format("assay_result{{{},result=\"{}\"}} {}\n", run, core::name(result),
                       conclusion.result == result ? 1 : 0);
  metric("complete", "Whether everything that the plan requires was tested, without trouble.");
  out += fmt::format("assay_complete{{{}}} {}\n", run, conclusion.complete ? 1 : 0);
  metric("run_seconds", "How long the run took.");
  out += fmt::format("assay_run_seconds{{{}}} {}\n", run, record.seconds);
  std::tm started{};
  if (strptime(record.started_at.substr(0, 19).c_str(), "%Y-%m-%dT%H:%M:%S", &started) != nullptr) {
    metric("run_start_timestamp_seconds", "When the run began, in seconds since 1970.");
    out += fmt::format("assay_run_start_timestamp_seconds{{{}}} {}\n", run, timegm(&started));
  }
  metric("findings", "Findings about the machine.");
  for (const core::Result severity : {core::Result::marginal, core::Result::fail}) {
    int count = 0;
    for (const auto& fault : conclusion.faults) count += fault.finding.severity == severity ? 1 : 0;
    out += fmt::format("assay_findings{{{},severity=\"{}\"}} {}\n", run, core::name(severity), count);
  }
  metric("not_tested", "Tests that were not made.");
  out += fmt::format("assay_not_tested{{{}}} {}\n", run, conclusion.not_tested.size());
  metric("proven", "Planted faults that were noticed.");
  out += fmt::format("assay_proven{{{}}} {}\n", run, conclusion.proven());
  std::map<std::string, double> last;
  for (const journal::Trial& t : record.trials) {
    if (!t.end || !core::speaks_of_machine(t.start.purpose)) continue;
    for (const core::Measurement& m : t.measurements)
      last[fmt::format("{},test=\"{}\",target=\"{}\",name=\"{}\",unit=\"{}\"", run, label(t.start.test),
                       label(t.start.target.id), label(m.key), label(m.unit))] = m.value;
  }
  metric("measurement", "The last value of each measurement, in its own unit.");
  for (const auto& [labels, value] : last) out += fmt::format("assay_measurement{{{}}} {}\n", labels, value);
  return out;
}

}  // namespace assay::reports
