// storage.self-test: the drive's own test of itself, begun, followed to its end, and read.
#include <poll.h>

#include <algorithm>
#include <cstdio>
#include <string>

#include "read_ring.hpp"
#include "smart/smartctl.hpp"
#include "smart/verdict.hpp"
#include "tests.hpp"

namespace storage {
namespace {

constexpr double most_seconds = 60;  // for one question

/// The drive behind smartctl.
class Drive {
 public:
  explicit Drive(const assay::Trial& trial) : path_(trial.target_attribute("path")) {}

  smart::Reading ask() const { return smart::read(call({"--json", "-x", path_})); }
  void begin(const std::string& kind) const { call({"--json", "-t", kind, path_}); }
  /// Not left running in a machine that goes back to its owner.
  void end_test() const { smart::run_smartctl({"--json", "-X", path_}, most_seconds); }

 private:
  std::string call(const std::vector<std::string>& arguments) const {
    const smart::Output output = smart::run_smartctl(arguments, most_seconds);
    if (output.missing) throw assay::Skip{"no-tool", output.problem};
    if (!output.problem.empty()) throw std::runtime_error(output.problem);
    return output.text;
  }
  std::string path_;
};

/// Hears a request to stop. False when it came.
bool wait(const assay::Trial& trial, double seconds) {
  for (const double end = now() + seconds; now() < end;) {
    if (trial.should_stop()) return false;
    poll(nullptr, 0, static_cast<int>(std::clamp((end - now()) * 1000, 1.0, 100.0)));
  }
  return true;
}

void report(const assay::Trial& trial, bool failed, double lba) {
  if (failed)
    trial.fail(
        "self-test-failed", "The drive's own self-test found a fault. Save the data now, then replace the drive.",
        trial.target_attribute("path") + (lba >= 0 ? " block " + std::to_string(static_cast<uint64_t>(lba)) : ""));
  trial.measure("failed", failed ? 1 : 0);
}

}  // namespace

void SelfTest::run(assay::Trial& trial) {
  const double start = now(), duration = trial.real("duration"), interval = trial.real("interval");
  const std::string kind = trial.text("kind");
  // A stand-in is a healthy drive that has done its test.
  if (trial.target_attribute("stand_in") == "1") return report(trial, trial.injects("failing-test"), -1);
  const Drive drive(trial);
  const smart::Reading before = drive.ask();
  if (!before.has("self-test.running"))
    throw assay::Skip{"not-supported",
                      "the drive offers no self-test" + (before.problem.empty() ? "" : ": " + before.problem)};
  if (before.value("self-test.running") > 0)
    throw assay::Skip{"not-supported", "a self-test that somebody else began is running on the drive"};
  // However this ends, no test is left running in a machine that goes back to its owner.
  struct Ending {
    const Drive& drive;
    bool needed = true;
    ~Ending() {
      if (needed) drive.end_test();
    }
  } ending{drive};
  drive.begin(kind);
  smart::Reading reading;
  bool seen_running = false;
  do {
    // A short test may be over soon.
    if (!wait(trial, seen_running ? interval : std::min(interval, 1.0))) throw assay::Cancelled{};
    reading = drive.ask();
    if (!reading.has("self-test.running")) continue;  // it may answer the next time
    const bool running = reading.value("self-test.running") > 0;
    seen_running = seen_running || running;
    // A drive may take a moment before it says that it has begun.
    if (!running && (seen_running || now() - start > 3 * interval)) break;
    char text[80];
    std::snprintf(text, sizeof text, "the drive tests itself, %.0f %% to come", reading.value("self-test.remaining"));
    trial.progress(std::min(1.0, (now() - start) / duration), text);
  } while (now() - start < duration);
  if (reading.value("self-test.running", 1) > 0)
    throw std::runtime_error("the drive's self-test did not end within the time that the plan gives it");
  ending.needed = false;
  if (!seen_running) throw std::runtime_error("the drive did not begin its self-test");
  if (!reading.has("self-test.last")) throw std::runtime_error("the drive says nothing of how its self-test ended");
  if (reading.value("self-test.last") == 2)
    throw std::runtime_error("the drive's self-test was ended by somebody else");
  const bool failed = reading.value("self-test.last") == 1;
  report(trial, failed || trial.injects("failing-test"), failed ? reading.value("self-test.lba", -1) : -1);
}

}  // namespace storage
