// storage.smart: what the drive says of itself, judged by rules, and what grew since the run began.
#include <unistd.h>

#include <string>

#include "smart/smartctl.hpp"
#include "smart/verdict.hpp"
#include "tests.hpp"

namespace storage {
namespace {

constexpr double most_seconds = 60;

/// What a healthy drive says, for proofs on a machine without one that speaks.
constexpr const char* healthy =
    R"({"smartctl":{"exit_status":0},"device":{"protocol":"ATA"},"model_name":"stand-in","serial_number":"0",)"
    R"("rotation_rate":7200,"smart_status":{"passed":true},"ata_smart_attributes":{"table":[)"
    R"({"id":187,"name":"Reported_Uncorrect","value":100,"when_failed":"","raw":{"value":0,"string":"0"}}]}})";

smart::Reading reading_of(const assay::Trial& trial) {
  if (trial.target_attribute("stand_in") == "1") return smart::read(healthy);
  const smart::Output output = smart::run_smartctl(smart::reading_arguments(trial.target_attribute("path")),
                                                   most_seconds, [&] { return trial.should_stop(); });
  if (output.missing) throw assay::Skip{"no-tool", output.problem};
  if (trial.should_stop()) throw assay::Cancelled{};
  if (!output.problem.empty()) throw std::runtime_error(output.problem);
  return smart::read(output.text);
}

std::string whole_file(int file) {
  std::string text(size_t{1} << 16, '\0');
  const ssize_t got = pread(file, text.data(), text.size(), 0);
  text.resize(got > 0 ? static_cast<size_t>(got) : 0);
  return text;
}

assay::Severity severity(smart::Severity given) {
  return given == smart::Severity::fail       ? assay::Severity::fail
         : given == smart::Severity::marginal ? assay::Severity::marginal
                                              : assay::Severity::note;
}

}  // namespace

void SmartTest::run(assay::Trial& trial) {
  smart::Reading reading = reading_of(trial);
  const assay::Kept kept;
  if (kept) {
    const std::string earlier = whole_file(kept.descriptor());
    const std::string now = smart::encode(reading);
    if (!earlier.empty()) smart::add_growth(smart::decode(earlier), reading);
    if (earlier.empty() && pwrite(kept.descriptor(), now.data(), now.size(), 0) != static_cast<ssize_t>(now.size()))
      assay::log("the first reading could not be kept; growth is not looked for", ASSAY_WARNING);
  }
  if (trial.injects("failing-health")) reading.facts["health-failed"] = 1;
  if (trial.injects("growing-errors")) {
    smart::Reading before = reading;
    reading.facts["attribute.187"] += 3;
    smart::add_growth(before, reading);
  }
  const smart::Verdict verdict = smart::judge(reading);
  if (verdict.result == smart::Result::inconclusive) throw assay::Skip{"not-supported", reading.problem};
  double alarms = 0;
  const std::string where =
      trial.target_attribute("path") + (reading.serial.empty() ? "" : ", serial " + reading.serial);
  for (const smart::Finding& finding : verdict.findings) {
    if (finding.severity != smart::Severity::note) ++alarms;
    trial.finding(severity(finding.severity), finding.code.c_str(), finding.text + " " + finding.advice, where);
  }
  trial.measure("alarms", alarms);
}

}  // namespace storage
