// cpu.clock: the time-stamp counter and Linux's clock on every core: never backwards, in step, at one rate; and whether
// the cores keep the speed of their first bursts, with the time that a hypervisor took from them told apart.
#include <cpuid.h>
#include <x86intrin.h>
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

#include "cores.hpp"
#include "fma_work.hpp"
#include "tests.hpp"
#include "timing.hpp"

namespace cpu {
namespace {

/// The counter runs at one rate in all power states (AMD APM vol. 3, Intel SDM vol. 3: CPUID 80000007h, EDX bit 8).
bool counter_is_invariant() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid(0x80000007, &a, &b, &c, &d) != 0 && (d >> 8 & 1) != 0;
}

/// Whether Linux itself takes its time from the counter: it does not where the cores' counters are not in step.
bool counter_is_trusted() {
  std::ifstream file("/sys/devices/system/clocksource/clocksource0/current_clocksource");
  std::string source;
  file >> source;
  return source == "tsc" || source == "kvm-clock" || source == "hyperv_clocksource_tsc_page";
}

uint64_t counter() {
  unsigned core = 0;
  const uint64_t value = __rdtscp(&core);
  _mm_lfence();
  return value;
}

struct Reading {
  uint64_t ticks = 0, ns = 0;
};

Reading read_clocks() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return {counter(), static_cast<uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(now.tv_nsec)};
}

/// Two cores hand readings to and fro; each must not be earlier than the one that was handed over.
class Relay {
 public:
  /// Ends after `seconds`, though not before some turns were made: on a busy machine each may take a while.
  Relay(const assay::Trial& trial, double seconds, bool plant, bool with_counter)
      : trial_(trial), end_(wall_seconds() + seconds), plant_(plant), with_counter_(with_counter) {}

  void run(size_t side) {
    for (uint64_t turn = side; turn < most_turns; turn += 2) {
      if (!wait_for(turn)) return;
      Reading now = read_clocks();
      if (plant_ && turn == 31 && trial_.injects("step-back"))
        now.ns -= 10'000'000'000u;  // more than any delay between the two
      if (plant_ && turn == 31 && trial_.injects("counter-behind")) now.ticks -= uint64_t{1} << 40;
      if (turn > 0 && now.ns < last_.ns) ++backwards, worst_ns = std::max(worst_ns, last_.ns - now.ns);
      if (turn > 0 && with_counter_ && now.ticks < last_.ticks) ++counter_backwards;
      last_ = now;
      // Beyond every turn: so the other one sees that it has ended.
      if (turn >= least_turns && wall_seconds() > end_) return ball_.store(most_turns, std::memory_order_release);
      ball_.store(turn + 1, std::memory_order_release);
    }
  }

  uint64_t backwards = 0, counter_backwards = 0, worst_ns = 0;

 private:
  /// False when the other one has ended the relay, or the trial is to stop.
  bool wait_for(uint64_t turn) const {
    for (uint64_t spins = 0;; ++spins) {
      const uint64_t now = ball_.load(std::memory_order_acquire);
      if (now == turn) return true;
      if (now == most_turns || (spins > 2000 && trial_.should_stop())) return false;
      if (spins < 2000)
        __builtin_ia32_pause();
      else
        std::this_thread::yield();
    }
  }

  static constexpr uint64_t most_turns = 2000, least_turns = 40;
  const assay::Trial& trial_;
  double end_;
  bool plant_, with_counter_;
  Reading last_;
  std::atomic<uint64_t> ball_{0};
};

double raw_seconds() { return seconds(CLOCK_MONOTONIC_RAW); }

/// The clocks at one moment, as nearly as can be: of some readings the one that took least time, so that it does not
/// matter when others had the core in between.
struct Moment {
  double raw = 0, monotonic = 0;
  uint64_t ticks = 0;
};
Moment moment() {
  Moment best;
  double least = HUGE_VAL;
  for (int i = 0; i < 50; ++i) {
    const double before = raw_seconds();
    const Moment now{before, wall_seconds(), counter()};
    const double took = raw_seconds() - before;
    if (took < least) least = took, best = now;
  }
  return best;
}

/// Ticks of the counter for each raw second, on the core of the calling thread.
double counter_rate(double span, const assay::Trial& trial) {
  const Moment start = moment();
  while (raw_seconds() - start.raw < span && !trial.should_stop()) __builtin_ia32_pause();
  const Moment end = moment();
  return static_cast<double>(end.ticks - start.ticks) / (end.raw - start.raw);
}

/// Time that a hypervisor took from this machine, and all time, in ticks of /proc/stat (proc(5)).
std::pair<double, double> stolen_and_all() {
  std::ifstream file("/proc/stat");
  std::string word;
  file >> word;
  double all = 0, stolen = 0, value = 0;
  for (int field = 0; field < 8 && file >> value; ++field) {
    all += value;
    if (field == 7) stolen = value;
  }
  return {stolen, all};
}

/// The kernel's speed on all cores by the wall clock: whole stretch against the best short bursts, the least of the
/// cores.
double sustained_share(const std::vector<int>& cores, const FmaVariant& variant, const ChainWork& work, double span,
                       const assay::Trial& trial) {
  std::vector<double> shares(cores.size(), 1);
  run_on(cores, [&](size_t place, Stay& stay) {
    Numbers ends(variant.format, chains * variant.lanes);
    std::vector<double> bursts;
    const double start = wall_seconds();
    do {
      const double burst = wall_seconds();
      for (int i = 0; i < 100; ++i)
        variant.run_chains(work.multiplier.data(), work.subtrahend.data(), work.start.data(), ends.data());
      bursts.push_back(wall_seconds() - burst);
      stay.look();
    } while (wall_seconds() - start < span && !trial.should_stop());
    const double all = (wall_seconds() - start) / static_cast<double>(bursts.size());
    std::sort(bursts.begin(), bursts.end());
    shares[place] = bursts[bursts.size() / 10] / all;
  });
  return *std::min_element(shares.begin(), shares.end());
}

}  // namespace

void ClockTest::run(assay::Trial& trial) {
  const std::vector<int> cores = usable_cores();
  const double duration = trial.real("duration"), start = wall_seconds();
  const Moment at_start = moment();
  const auto [stolen_before, all_before] = stolen_and_all();
  // Where the counter is not used it is not judged; what is planted in it shows all the same that it would be noticed.
  const bool invariant = (counter_is_invariant() && counter_is_trusted()) || trial.injects("counter-behind") ||
                         trial.injects("other-rate");

  double backwards = 0, counter_backwards = 0, relays = 0;
  uint64_t worst = 0;
  std::string where;
  while (!trial.should_stop() && (relays == 0 || wall_seconds() - start < 0.3 * duration)) {
    for (size_t a = 0; a < cores.size() && !trial.should_stop(); ++a) {
      // Each core with the next: who is in step with a neighbour all the way round is in step with all.
      // A single core hands over to itself.
      const size_t b = (a + 1) % cores.size();
      if (cores.size() == 2 && a == 1) break;
      Relay relay(trial, 0.3 * duration / static_cast<double>(cores.size()), relays == 0, invariant);
      run_on({cores[a], cores[b]}, [&](size_t side, Stay&) { relay.run(side); });
      if (where.empty() && relay.backwards + relay.counter_backwards > 0)
        where = "cores " + std::to_string(cores[a]) + " and " + std::to_string(cores[b]);
      backwards += static_cast<double>(relay.backwards);
      counter_backwards += static_cast<double>(relay.counter_backwards);
      worst = std::max(worst, relay.worst_ns);
      ++relays;
    }
  }

  if (trial.should_stop()) throw assay::Cancelled{};  // not every pair was compared

  // One core after the other, so that they do not slow each other; the spread says whether they run at one rate.
  double spread = 0;
  if (invariant) {
    double least = HUGE_VAL, greatest = 0;
    std::vector<int> measured = cores;
    if (measured.size() == 1) measured.push_back(measured[0]);  // twice: it must at least agree with itself
    for (size_t i = 0; i < measured.size(); ++i) {
      double rate = 0;
      run_on({measured[i]}, [&](size_t, Stay&) {
        rate = counter_rate(std::max(0.02, 0.2 * duration / static_cast<double>(measured.size())), trial);
      });
      if (i + 1 == measured.size() && trial.injects("other-rate")) rate *= 1.01;
      if (trial.should_stop()) throw assay::Cancelled{};  // a rate over a moment says nothing
      least = std::min(least, rate);
      greatest = std::max(greatest, rate);
    }
    spread = least > 0 ? (greatest / least - 1) * 1e6 : 0;
  }

  const FmaVariant& variant = widest_variant();
  const ChainWork work(variant, trial.seed());
  const double left = std::max(0.05, duration - (wall_seconds() - start));
  double sustained = sustained_share(cores, variant, work, left, trial);

  const auto [stolen_after, all_after] = stolen_and_all();
  const Moment at_end = moment();
  const double monotonic = at_end.monotonic - at_start.monotonic, raw = at_end.raw - at_start.raw;
  if (backwards + counter_backwards > 0) {
    char text[240];
    std::snprintf(text, sizeof text,
                  "Time went backwards between %s: %.0f times on Linux's clock (by up to %llu ns), %.0f times on the "
                  "time-stamp counter.",
                  where.c_str(), backwards, static_cast<unsigned long long>(worst), counter_backwards);
    trial.fail("time-went-back", text, where);
  }
  if (!invariant)
    trial.finding(
        assay::Severity::note, "counter-varies",
        "The time-stamp counter of this processor changes its rate, or Linux does not use it; it was not compared "
        "between cores.");
  trial.measure("backward-steps", backwards + counter_backwards);
  trial.measure("rate-spread", spread);
  trial.measure("against-raw", raw > 0 ? std::fabs(monotonic / raw - 1) * 1e6 : 0);
  trial.measure("sustained", 100 * sustained);
  trial.measure("stolen", all_after > all_before ? 100 * (stolen_after - stolen_before) / (all_after - all_before) : 0);
}

}  // namespace cpu
