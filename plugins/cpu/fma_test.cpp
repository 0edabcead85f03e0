// cpu.fma: the floating-point units at their limit, every result compared bit for bit.
#include <sched.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <vector>

#include "conditions.hpp"
#include "fma_work.hpp"
#include "stay.hpp"
#include "tests.hpp"
#include "timing.hpp"

namespace cpu {
namespace {

unsigned long long plain(uint64_t value) { return value; }

std::string name_of(const FmaVariant& variant) { return std::string(variant.instructions) + " " + variant.precision; }

/// The wrong results of a trial: counted, and the first kept.
class WrongResults {
 public:
  void compare(const FmaVariant& variant, const char* kernel, const Numbers& expected, const Numbers& got,
               double block) {
    size_t index = got.difference(expected);
    if (index == got.count()) return;
    if (count_ == 0) {
      char text[300];
      std::snprintf(text, sizeof text,
                    "%s, number %zu (lane %zu), block %.0f: expected %016llx, got %016llx, differing bits %016llx",
                    kernel, index, index % variant.lanes, block, plain(expected.get(index)), plain(got.get(index)),
                    plain(expected.get(index) ^ got.get(index)));
      const std::string at = conditions(sched_getcpu());
      first_ = name_of(variant) + " " + text + (at.empty() ? "" : ", " + at);
    }
    for (; index < got.count(); ++index) {
      const uint64_t difference = got.get(index) ^ expected.get(index);
      count_ += difference != 0 ? 1 : 0;
      bits_ |= difference;
    }
  }

  void report(const assay::Trial& trial) const {
    if (count_ == 0) return;
    char text[120];
    std::snprintf(text, sizeof text, "%.0f wrong results, all differing bits %016llx. First: ", count_, plain(bits_));
    trial.fail("wrong-result", "This core computed wrongly: " + std::string(text) + first_ + ".", trial.target());
  }
  double count() const { return count_; }

 private:
  double count_ = 0;
  uint64_t bits_ = 0;
  std::string first_;
};

/// One variant with its operands, and how fast it went.
struct Lane {
  Lane(const FmaVariant& given, uint64_t seed, const std::vector<Denormals>& denormals)
      : variant(given),
        chain(given, seed),
        ends(given.format, chains * given.lanes),
        results(given.format, ElementWork::count) {
    for (const Denormals treatment : denormals) elements.emplace_back(given, seed + 17, treatment);
  }
  const FmaVariant& variant;
  ChainWork chain;
  Numbers ends, results;
  std::vector<ElementWork> elements;
  double operations = 0, cpu = 0;
  std::vector<double> bursts;     // operations per CPU second of the bare kernel
  std::vector<double> stretches;  // and of verified work

  void burst() {
    const double start = cpu_seconds();
    int calls = 0;
    double took = 0;
    do {
      for (int i = 0; i < 16; ++i, ++calls)
        variant.run_chains(chain.multiplier.data(), chain.subtrahend.data(), chain.start.data(), ends.data());
      took = cpu_seconds() - start;
    } while (took < 0.0005);
    bursts.push_back(calls * variant.operations() / took);
  }
  void count(double more_operations, double seconds) {
    operations += more_operations;
    cpu += seconds;
    if (seconds > 0.0005) stretches.push_back(more_operations / seconds);
  }
  double speed() const { return cpu > 0 ? operations / cpu : 0; }
};

/// Nine of ten are slower: others that use the machine disturb it less than a mean.
double p90(std::vector<double> rates) {
  std::sort(rates.begin(), rates.end());
  return rates.empty() ? 0 : rates[rates.size() * 9 / 10];
}

std::vector<const FmaVariant*> chosen(const assay::Trial& trial) {
  const std::string instructions = trial.text("instructions"), precision = trial.text("precision");
  std::vector<const FmaVariant*> result;
  for (size_t i = 0; i < variant_count; ++i) {
    const FmaVariant* variant = fma_variants()[i];
    if (precision != "both" && precision != variant->precision) continue;
    if (instructions != "auto" ? instructions == variant->instructions
                               : variant->supported() && (result.empty() || result[0]->supported == variant->supported))
      result.push_back(variant);
  }
  if (result.empty() || !result[0]->supported())
    throw assay::Skip{"not-supported", "this processor does not have " + instructions};
  return result;
}

}  // namespace

void FmaTest::run(assay::Trial& trial) {
  const double duration = trial.real("duration");
  const std::string treatment = trial.text("denormals");
  std::vector<Denormals> denormals;
  if (treatment != "zero") denormals.push_back(Denormals::kept);
  if (treatment != "kept") denormals.push_back(Denormals::zero);
  std::vector<std::unique_ptr<Lane>> lanes;
  for (const FmaVariant* variant : chosen(trial))
    lanes.push_back(std::make_unique<Lane>(*variant, trial.seed(), denormals));

  Stay stay(core_number(trial.target_attribute("os_index")));
  WrongResults wrong;
  // The reference comes from this core's integer units; a constant of the binary tells whether these can be trusted.
  if (digest_of_reference() != (trial.injects("wrong-reference") ? 1 : reference_digest))
    trial.fail("wrong-reference",
               "This core does not arrive at the known reference: it cannot even make the numbers to compare with.",
               trial.target());

  const double start = wall_seconds();
  double blocks = 0, wrong_before = 0;
  do {
    for (auto& lane : lanes) {
      trial.breadcrumb(lane->variant.instructions);
      lane->burst();
      const double cpu_start = cpu_seconds(), blocks_start = blocks;
      for (int i = 0; i < 2000; ++i, ++blocks) {
        if (blocks == 5 && trial.injects("flip-operand")) {
          const uint64_t sound = lane->chain.start.get(5);
          lane->chain.start.set(5, sound ^ 1);
          lane->variant.run_chains(lane->chain.multiplier.data(), lane->chain.subtrahend.data(),
                                   lane->chain.start.data(), lane->ends.data());
          lane->chain.start.set(5, sound);
        } else {
          lane->variant.run_chains(lane->chain.multiplier.data(), lane->chain.subtrahend.data(),
                                   lane->chain.start.data(), lane->ends.data());
        }
        if (blocks == 5 && trial.injects("flip-result")) lane->ends.set(7, lane->ends.get(7) ^ 1u << 20);
        wrong.compare(lane->variant, "chain", lane->chain.expected, lane->ends, blocks);
        if (i % 32 == 0) {
          const ElementWork& work = lane->elements[static_cast<size_t>(i / 32) % lane->elements.size()];
          run_elements(lane->variant, work, lane->results);
          if (blocks == 0 && trial.injects("flip-element")) lane->results.set(99, lane->results.get(99) ^ 1);
          wrong.compare(lane->variant, work.denormals == Denormals::zero ? "full range, denormals zero" : "full range",
                        work.expected, lane->results, blocks);
        }
        if (i % 64 != 63) continue;
        stay.look();
        if (stay.left() || trial.should_stop() || wall_seconds() - start >= duration) break;
      }
      lane->count((blocks - blocks_start) * lane->variant.operations(), cpu_seconds() - cpu_start);
      if (wrong.count() > wrong_before) trial.progress((wall_seconds() - start) / duration, "wrong results");
      wrong_before = wrong.count();
    }
  } while (!stay.left() && !trial.should_stop() && wall_seconds() - start < duration);
  if (!stay.kept()) throw CoreGone(stay.core());

  wrong.report(trial);
  trial.measure("wrong-results", wrong.count());
  trial.measure("blocks", blocks);
  trial.measure("speed", lanes[0]->speed() * 1e-9);
  trial.measure("speed-p90", p90(lanes[0]->stretches) * 1e-9);
  trial.measure("peak", p90(lanes[0]->bursts) * 1e-9);
}

}  // namespace cpu
