// cpu.transition: a verified kernel while the load steps up and down, since a voltage that is only just enough shows
// when the load changes, and under light load, not only under full load.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <memory>
#include <mutex>
#include <string>

#include "conditions.hpp"
#include "cores.hpp"
#include "fma_work.hpp"
#include "tests.hpp"
#include "timing.hpp"

namespace cpu {
namespace {

/// How the load steps: which cores work in a given step.
enum class Shape { all_together, one_by_one, half_and_half };
constexpr Shape shapes[] = {Shape::all_together, Shape::one_by_one, Shape::half_and_half};
constexpr double periods[] = {0.001, 0.01, 0.1, 1, 10};

const char* name(Shape shape) {
  switch (shape) {
    case Shape::all_together:
      return "all cores together";
    case Shape::one_by_one:
      return "one core, then all";
    case Shape::half_and_half:
      return "half the cores in turns";
  }
  return "";
}

bool works(Shape shape, uint64_t step, size_t place, size_t count) {
  switch (shape) {
    case Shape::all_together:
      return step % 2 == 0;
    case Shape::one_by_one:
      return step % 2 == 0 || place == step / 2 % count;
    case Shape::half_and_half:
      return (step + place) % 2 == 0;
  }
  return true;
}

/// What all cores share of one phase: a shape and a period.
struct Phase {
  Shape shape;
  double period, start, end;
};

void sleep_until(double when) {
  const double left = when - wall_seconds();
  if (left <= 0) return;
  timespec time{};
  time.tv_sec = static_cast<time_t>(left);
  time.tv_nsec = static_cast<long>((left - static_cast<double>(time.tv_sec)) * 1e9);
  nanosleep(&time, nullptr);
}

}  // namespace

void TransitionTest::run(assay::Trial& trial) {
  const std::vector<int> cores = usable_cores();
  const double duration = trial.real("duration");
  const FmaVariant& variant = widest_variant();
  const ChainWork work(variant, trial.seed());
  std::atomic<uint64_t> steps_made{0}, wrong{0};
  std::mutex lock;
  std::string first;

  std::atomic<bool> planted{false};
  const auto compute = [&](const Phase& phase, size_t place, Numbers& ends) {
    variant.run_chains(work.multiplier.data(), work.subtrahend.data(), work.start.data(), ends.data());
    if (trial.injects("flip-result") && !planted.exchange(true)) ends.set(1, ends.get(1) ^ 2);
    const size_t index = ends.difference(work.expected);
    if (index == ends.count()) return;
    ++wrong;
    const std::lock_guard guard(lock);
    if (!first.empty()) return;
    char text[240];
    std::snprintf(text, sizeof text, "core %d, %s, a step every %g ms, number %zu: expected %016llx, got %016llx",
                  cores[place], name(phase.shape), phase.period / 2 * 1000, index,
                  static_cast<unsigned long long>(work.expected.get(index)),
                  static_cast<unsigned long long>(ends.get(index)));
    first = text;
    if (const std::string at = conditions(cores[place]); !at.empty()) first += ", " + at;
  };
  const auto phase_on = [&](const Phase& phase, size_t place, Stay& stay) {
    Numbers ends(variant.format, chains * variant.lanes);
    const double half = phase.period / 2;
    uint64_t last_step = UINT64_MAX;
    compute(phase, place, ends);  // however busy the machine is, every core has computed something
    for (double now = wall_seconds(); now < phase.end && !trial.should_stop(); now = wall_seconds()) {
      stay.look();
      if (stay.left()) return;
      const auto step = static_cast<uint64_t>((now - phase.start) / half);
      if (step != last_step) steps_made += last_step == UINT64_MAX ? 0 : 1, last_step = step;
      if (!works(phase.shape, step, place, cores.size())) {
        // Asleep in slices, so that a request to stop is heard.
        sleep_until(std::min({phase.start + static_cast<double>(step + 1) * half, phase.end, now + 0.2}));
        continue;
      }
      for (int i = 0; i < 8; ++i) compute(phase, place, ends);
    }
  };

  // Each period gets the same time, but at least two of its own length; long ones are left out of a short trial.
  const double start = wall_seconds(), slice = duration / static_cast<double>(std::size(periods) * std::size(shapes));
  double longest = 0;
  int phases = 0;
  do {
    for (const double period : periods)
      for (const Shape shape : shapes) {
        const double length = std::max(slice, 2 * period), now = wall_seconds();
        const bool fits = now - start + length <= duration * 1.01;
        if (trial.should_stop() || (!fits && (phases > 0 || period > periods[0]))) continue;
        longest = std::max(longest, period);
        trial.breadcrumb(name(shape), static_cast<uint64_t>(period * 1e6));
        const Phase phase{shape, period, now, std::min(now + length, start + std::max(duration, 0.02))};
        run_on(cores, [&](size_t place, Stay& stay) { phase_on(phase, place, stay); });
        ++phases;
      }
  } while (!trial.should_stop() && wall_seconds() - start < duration - slice);

  if (wrong > 0)
    trial.fail("wrong-result",
               "A core computed wrongly while the load stepped: " + std::to_string(wrong) +
                   " wrong blocks. First: " + first + ".",
               first.substr(0, first.find(',')));
  trial.measure("wrong-results", static_cast<double>(wrong));
  trial.measure("steps", static_cast<double>(steps_made));
  trial.measure("longest-period", longest);
}

}  // namespace cpu
