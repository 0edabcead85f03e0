#include <assay/plugin.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstring>

#include "core/text.hpp"
#include "engine/evidence.hpp"

namespace assay::engine {
namespace {

using core::Result;
using core::Status;

std::string signal_name(int signal) {
  const char* name = sigabbrev_np(signal);
  return name == nullptr ? "signal " + std::to_string(signal) : std::string("SIG") + name;
}

std::string while_doing(const Evidence& e) {
  if (e.doing.empty()) return "";
  return e.doing_address == 0 ? fmt::format(" It was doing: {}.", e.doing)
                              : fmt::format(" It was doing: {} at {:#x}.", e.doing, e.doing_address);
}

std::string where(const Evidence& e) {
  if (e.phase == "running") return "";
  return e.phase == "loaded" ? " before the test began" : " while the plugin was being loaded";
}

/// The kernel says with the signal that the memory itself is bad (sigaction(2): BUS_MCEERR_AR, BUS_MCEERR_AO).
bool is_machine_check(const Evidence& e) {
  return e.signal == SIGBUS && e.crash_signal == SIGBUS &&
         (e.crash_code == BUS_MCEERR_AR || e.crash_code == BUS_MCEERR_AO);
}

bool is_stack_overflow(const Evidence& e) {
  const uint64_t distance =
      e.crash_address > e.crash_stack ? e.crash_address - e.crash_stack : e.crash_stack - e.crash_address;
  return e.crash_signal == SIGSEGV && e.crash_stack != 0 && distance < 65536;
}

std::string crash_text(const Evidence& e) {
  std::string text = fmt::format("The plugin crashed with {}{}", signal_name(e.signal), where(e));
  if (e.signal == SIGKILL)
    text = fmt::format("The process was killed{}, most likely because memory ran out", where(e));
  else if (is_stack_overflow(e))
    text += ", most likely a stack overflow";
  else if (e.crash_signal == SIGSEGV || e.crash_signal == SIGBUS)
    text += fmt::format(" at address {:#x}", e.crash_address);
  return text + ". This is trouble with the plugin and says nothing about the machine." + while_doing(e);
}

class Judge {
 public:
  Judge(const Evidence& evidence, const catalog::Test& test) : e_(evidence), test_(test) {}

  Judgement judge() {
    j_.end.seconds = e_.seconds;
    j_.end.cpu_seconds = e_.cpu_seconds;
    j_.end.most_memory = e_.most_memory;
    j_.findings = e_.findings;
    decide_status();
    if (j_.end.status == Status::complete) decide_result();
    if (j_.end.status == Status::complete && e_.over_time) cut_short();
    // Cut short by the user: what it found stays, that it found nothing means little.
    if (e_.stopped_by_user && j_.end.result == Result::pass) {
      set(Status::aborted, "Stopped by the user.");
      j_.end.result = Result::none;
    }
    take_kernel();
    return std::move(j_);
  }

 private:
  void set(Status status, std::string reason) {
    j_.end.status = status;
    j_.end.reason = std::move(reason);
  }

  void decide_status() {
    if (is_machine_check(e_)) {
      set(Status::crashed, "The machine reported faulty memory to the test and ended it." + while_doing(e_));
      j_.end.result = Result::fail;
      j_.findings.push_back(
          {Result::fail, "memory-machine-check",
           fmt::format("The machine itself reported uncorrectable memory at address {:#x} of the test.{}",
                       e_.crash_address, while_doing(e_)),
           fmt::format("{:#x}", e_.crash_address), core::Origin::host});
      return;
    }
    // A process whose test had ended can still hang, in a read that a drive never answers: what it said counts.
    if (e_.ended_by == EndedBy::nobody && !e_.end_status)
      return set(Status::timeout,
                 "The process could not be ended, not even by SIGKILL; it was left behind." + while_doing(e_));
    if (!e_.flood.empty())
      return set(Status::error,
                 "The plugin left " + e_.flood +
                     "; it was ended. This is trouble with the plugin and says nothing about the machine.");
    if (!e_.channel_fault.empty())
      return set(Status::error, "The plugin wrote garbage into the result channel: " + e_.channel_fault + ".");
    if (e_.channel_closed_early)
      return set(Status::error, "The plugin closed the result channel and worked on; it was ended.");
    if (e_.end_status && e_.leftovers == 0) return decide_by_return();
    if (e_.leftovers > 0)
      return set(Status::error, fmt::format("The plugin left {} process(es) running; they were ended.", e_.leftovers));
    if (e_.stopped_by_user) return set(Status::aborted, "Stopped by the user.");
    if (e_.over_time || e_.ended_by != EndedBy::itself) return set(Status::timeout, timeout_text());
    if (e_.signal == SIGXFSZ)
      return set(Status::error,
                 "The plugin wrote more into a file than a trial may; Linux ended it." + while_doing(e_));
    if (e_.signal != 0) return set(Status::crashed, crash_text(e_));
    if (e_.half_frame)
      return set(Status::error,
                 fmt::format("The plugin ended{} in the middle of a message, without a verdict.", where(e_)));
    set(Status::error, fmt::format("The plugin ended with exit code {}{} without a verdict.{}", e_.exit_code, where(e_),
                                   while_doing(e_)));
  }

  std::string timeout_text() const {
    const char* how = e_.ended_by == EndedBy::kill        ? "it ignored the request to stop and SIGTERM, and was killed"
                      : e_.ended_by == EndedBy::terminate ? "it ignored the request to stop and was ended by SIGTERM"
                                                          : "it was asked to stop";
    return fmt::format("The test did not end within {}: {}.{}", core::format_duration(e_.time_limit), how,
                       while_doing(e_));
  }

  void decide_by_return() {
    const std::string why = e_.errors.empty() ? "it does not say why" : e_.errors.front();
    switch (*e_.end_status) {
      case ASSAY_OK:
        return check_measurements();
      case ASSAY_SKIPPED:
        if (has_found())
          return set(Status::error, "The test found a fault, and says that it was skipped: " + e_.skip_reason + ".");
        if (e_.skip_reason.empty()) return set(Status::error, "The test says that it was skipped, and not why.");
        set(Status::skipped, e_.skip_reason);
        j_.end.category = e_.skip_category.empty() ? "not-supported" : e_.skip_category;
        return;
      case ASSAY_CANCELLED:
        // What it had found until then stays.
        if (has_found()) {
          check_measurements();
          if (j_.end.status == Status::complete)
            j_.end.reason = "It was asked to end before it had looked at everything.";
          return;
        }
        if (e_.stopped_by_user) return set(Status::aborted, "Stopped by the user.");
        return set(Status::timeout, fmt::format("The test did not end within {}: it stopped when asked.",
                                                core::format_duration(e_.time_limit)));
      case ASSAY_BAD_PARAMETER:
        return set(Status::error, "A parameter was refused: " + why + ".");
      default:
        return set(Status::error, "The test could not do its work: " + why + ".");
    }
  }

  bool has_found() const {
    return std::any_of(e_.findings.begin(), e_.findings.end(),
                       [](const auto& f) { return f.severity >= Result::marginal; });
  }

  void check_measurements() {
    if (e_.too_many_measurements)
      return set(Status::error, "The test gave more measurements than a trial may; not all of them could be judged.");
    set(Status::complete, "");
    for (const auto& [key, value] : e_.measurements) {
      const auto* declared = find(key);
      if (declared == nullptr)
        return set(Status::error,
                   "The test gave a measurement that its manifest does not declare: " + core::safe_text(key, 80) + ".");
      if (!std::isfinite(value)) return set(Status::error, "The measurement " + key + " is not a number.");
      j_.measurements.push_back({key, value, declared->unit, declared->limits, core::judge(value, declared->limits)});
    }
    const bool failed = has_found();
    for (const auto& declared : test_.measurements)
      if (!failed && std::none_of(j_.measurements.begin(), j_.measurements.end(),
                                  [&](const auto& m) { return m.key == declared.key; }))
        return set(Status::error, "The declared measurement " + declared.key + " never came.");
  }

  const catalog::MeasurementDeclaration* find(const std::string& key) const {
    for (const auto& declared : test_.measurements)
      if (declared.key == key) return &declared;
    return nullptr;
  }

  void decide_result() {
    j_.end.result = Result::pass;
    for (const core::Finding& finding : j_.findings) j_.end.result = core::worse(j_.end.result, finding.severity);
    for (const core::Measurement& m : j_.measurements) j_.end.result = core::worse(j_.end.result, m.result);
  }

  /// Asked to end before it had, it speaks for what it measured as covered, and without that for nothing. What it had
  /// found until then stays.
  void cut_short() {
    const bool covered = std::any_of(j_.measurements.begin(), j_.measurements.end(),
                                     [&](const auto& m) { return find(m.key)->coverage && m.value > 0; });
    const std::string limit = core::format_duration(e_.time_limit);
    if (covered || j_.end.result >= Result::marginal) {
      j_.end.reason = "Its time limit of " + limit + " ended it: it counts for what it covered until then.";
      return;
    }
    set(Status::timeout, "The test returned when its time limit of " + limit +
                             " asked it to end, and does not say how much it had tested by then.");
    j_.end.result = Result::none;
  }

  /// What the kernel says of the hardware counts, whatever became of the trial; and it is no result of the test that
  /// happened to run: its rule says which part it speaks of.
  void take_kernel() { j_.findings.insert(j_.findings.end(), e_.kernel.begin(), e_.kernel.end()); }

  const Evidence& e_;
  const catalog::Test& test_;
  Judgement j_;
};

}  // namespace

Judgement judge(const Evidence& evidence, const catalog::Test& test) { return Judge(evidence, test).judge(); }

}  // namespace assay::engine
