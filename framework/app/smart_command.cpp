// assay smart.
#include <fcntl.h>
#include <sys/stat.h>

#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <vector>

#include "commands.hpp"
#include "core/errors.hpp"
#include "core/text.hpp"
#include "core/unique_fd.hpp"
#include "core/verdict.hpp"
#include "output.hpp"
#include "smart/smartctl.hpp"
#include "smart/verdict.hpp"

namespace assay::app {
namespace {

using core::ExitCode;
using nlohmann::ordered_json;

constexpr size_t most_bytes = size_t{16} << 20;

std::string file_content(const std::string& path) {
  const core::UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) throw core::BadInput(core::safe_text(path, 200) + " cannot be read: " + std::strerror(errno));
  std::string bytes(most_bytes, '\0');
  size_t size = 0;
  for (ssize_t got; size < bytes.size() && (got = ::read(file.get(), bytes.data() + size, bytes.size() - size)) > 0;)
    size += static_cast<size_t>(got);
  char more = 0;
  if (size == bytes.size() && ::read(file.get(), &more, 1) > 0)
    throw core::BadInput(core::safe_text(path, 200) + " is larger than 16 MiB: drives at its end would not be seen");
  bytes.resize(size);
  return bytes;
}

std::vector<smart::Reading> readings_of(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) throw core::BadInput(core::safe_text(path, 200) + ": no such device or file");
  if (S_ISREG(status.st_mode)) return smart::read_all(file_content(path));
  if (!S_ISBLK(status.st_mode) && !S_ISCHR(status.st_mode))
    throw core::BadInput(core::safe_text(path, 200) + " is neither a device nor a file");
  const smart::Output output = smart::run_smartctl(smart::reading_arguments(path), 120);
  if (output.problem.empty()) return {smart::read(output.text)};
  smart::Reading nothing;
  nothing.problem = output.problem + ".";
  return {nothing};
}

ExitCode exit_code(smart::Result result) {
  switch (result) {
    case smart::Result::pass:
      return ExitCode::pass;
    case smart::Result::marginal:
      return ExitCode::marginal;
    case smart::Result::fail:
      return ExitCode::fail;
    case smart::Result::inconclusive:
      break;
  }
  return ExitCode::incomplete;
}

ordered_json as_json(const smart::Reading& reading, const smart::Verdict& verdict) {
  ordered_json findings = ordered_json::array();
  for (const smart::Finding& f : verdict.findings)
    findings.push_back(
        {{"severity", smart::name(f.severity)}, {"code", f.code}, {"text", f.text}, {"advice", f.advice}});
  ordered_json drive{{"model", reading.model}, {"serial", reading.serial}, {"firmware", reading.firmware}};
  if (!reading.device.empty()) drive["device"] = reading.device;
  return {{"result", smart::name(verdict.result)}, {"drive", drive}, {"findings", findings}};
}

/// One drive as an object; several as a list of these, under the worst result.
void print_json(const std::vector<smart::Reading>& readings, const std::vector<smart::Verdict>& verdicts) {
  ordered_json drives = ordered_json::array();
  for (size_t i = 0; i < readings.size(); ++i) drives.push_back(as_json(readings[i], verdicts[i]));
  const ordered_json root = drives.size() == 1
                                ? drives[0]
                                : ordered_json{{"result", smart::name(smart::worst(verdicts))}, {"drives", drives}};
  say_json(root);
}

std::string name_of(const smart::Reading& reading) {
  std::string name = reading.model.empty() ? "a drive that does not say its name" : reading.model;
  if (!reading.serial.empty()) name += ", serial " + reading.serial;
  if (!reading.device.empty()) name += " (" + reading.device + ")";
  return core::safe_text(name, 300);
}

void print_text(const smart::Reading& reading, const smart::Verdict& verdict) {
  say("%s: %s\n", smart::name(verdict.result), name_of(reading).c_str());
  for (const smart::Finding& f : verdict.findings)
    say("  %-8s  %s\n            %s\n", smart::name(f.severity), core::safe_text(f.text, 600).c_str(),
        f.advice.c_str());
}

void print_text(const std::vector<smart::Reading>& readings, const std::vector<smart::Verdict>& verdicts) {
  if (readings.size() > 1)
    say("%s: %zu drives; the worst of them counts\n\n", smart::name(smart::worst(verdicts)), readings.size());
  bool passed = false;
  for (size_t i = 0; i < readings.size(); ++i) {
    print_text(readings[i], verdicts[i]);
    passed = passed || verdicts[i].result == smart::Result::pass;
  }
  if (passed) say("  A pass does not predict the future: drives also die without a warning.\n");
}

}  // namespace

int judge_drive(const Common& options, const std::string& device_or_file) {
  const std::vector<smart::Reading> readings = readings_of(device_or_file);
  std::vector<smart::Verdict> verdicts;
  for (const smart::Reading& reading : readings) verdicts.push_back(smart::judge(reading));
  options.json ? print_json(readings, verdicts) : print_text(readings, verdicts);
  return static_cast<int>(exit_code(smart::worst(verdicts)));
}

}  // namespace assay::app
