// peripherals.network-link: the link's mode, and whether frames are damaged on it while it is watched. What the
// counters had before can be a cable that was changed since: it is told and not judged.
#include <time.h>

#include <algorithm>

#include "sysfs.hpp"
#include "tests.hpp"

namespace peripherals {
namespace {

struct Link {
  bool up = false;
  double speed = 0;  // Mb/s; 0: not stated
  std::string duplex;
  double errors = 0;  // frames that were damaged since the machine started, or the driver
};

Link look(const std::string& name) {
  const std::string folder = "/sys/class/net/" + name + "/", counters = folder + "statistics/";
  Link link;
  link.up = number(folder + "carrier").value_or(0) > 0;
  constexpr double most = 1e7;  // -1 and 4294967295 stand for "not known"
  const double speed = number(folder + "speed").value_or(0);
  link.speed = speed > 0 && speed <= most ? speed : 0;
  link.duplex = read(folder + "duplex");
  for (const char* counter : {"rx_crc_errors", "rx_frame_errors", "tx_carrier_errors"})
    link.errors += std::max(0.0, number(counters + counter).value_or(0));
  return link;
}

/// Waits in short steps, as long as it is wanted.
void watch_for(double seconds, const assay::Trial& trial) {
  constexpr double step = 0.05;
  for (double passed = 0; passed < seconds && !trial.should_stop(); passed += step) {
    const timespec pause{0, static_cast<long>(std::min(step, seconds - passed) * 1e9)};
    nanosleep(&pause, nullptr);
    trial.progress(passed / seconds, "watching for damaged frames");
  }
}

}  // namespace

void NetworkLink::run(assay::Trial& trial) {
  const bool stand_in = trial.target_attribute("stand_in") == "1";
  const auto now = [&] { return stand_in ? Link{true, 1000, "full", 0} : look(trial.target_attribute("name")); };
  const Link first = now();
  // A cable that is not plugged in is no fault of the machine.
  if (!first.up) throw assay::Skip{"no-partner", "no cable or no partner on " + trial.target_attribute("name")};
  watch_for(trial.real("duration"), trial);
  Link last = now();
  if (trial.injects("bad-frames")) last.errors += 100;
  if (trial.injects("half-duplex")) last.duplex = "half";
  const double grown = std::max(0.0, last.errors - first.errors);  // a driver that is loaded anew counts from 0
  // Asked to stop, it has watched for less than was wanted: without a find that says nothing.
  if (trial.should_stop() && grown == 0) throw assay::Cancelled{};
  if (last.duplex == "half")
    trial.finding(assay::Severity::marginal, "half-duplex", "The link runs half duplex: cable, port or partner.",
                  trial.target());
  if (first.errors > 0)
    trial.finding(assay::Severity::note, "errors-before",
                  shown(first.errors) +
                      " frames had been damaged before this test, since the machine or the driver "
                      "was started. They are not judged; only those during the test are.",
                  trial.target());
  trial.measure("errors", grown);
  trial.measure("speed", last.speed);
}

}  // namespace peripherals
