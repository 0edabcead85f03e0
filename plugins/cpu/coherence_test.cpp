// cpu.coherence: what cores see of each other's writes. Each step runs on two cores, every pair in turn, so that a
// failure names the pair; a core that is in all failing pairs is named.
#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "conditions.hpp"
#include "cores.hpp"
#include "tests.hpp"
#include "timing.hpp"

namespace cpu {
namespace {

constexpr size_t line = 64;

/// Everything that the two cores share; each member on lines of its own.
struct Shared {
  alignas(line) std::atomic<uint64_t> counter{0};
  alignas(line) std::atomic<uint64_t> exchanged{0};
  alignas(line) std::array<std::atomic<uint64_t>, 8> neighbours{};  // one line, a word for each core
  alignas(line) std::atomic<uint64_t> data{0};
  alignas(line) std::atomic<uint64_t> flag{0};
  alignas(line) std::atomic<uint64_t> x{0};
  alignas(line) std::atomic<uint64_t> y{0};
  alignas(line) std::atomic<uint64_t> ball{0};
  alignas(line) std::array<std::atomic<uint64_t>, 8> payload{};
  alignas(line) std::atomic<uint64_t> round[2]{};
  alignas(line) std::atomic<uint64_t> seen[2]{};
};

class Pair {
 public:
  Pair(const assay::Trial& trial, bool plant) : trial_(trial), plant_(plant) {}

  /// One side of every step. Both sides make the same steps in the same order.
  void run(size_t side) {
    counters(side);
    neighbours(side);
    messages(side);
    store_buffers(side);
    bounces(side);
  }
  const std::string& fault() const { return fault_; }
  double bounce_seconds() const { return bounce_seconds_; }

 private:
  static constexpr uint64_t rounds = 4000;
  bool injects(const char* id) const { return plant_ && trial_.injects(id); }

  /// Waits until `ready`; gives way to others so that a machine with fewer free cores than threads gets on.
  template <class Ready>
  bool await(Ready ready) const {
    for (uint64_t spins = 0; !ready(); ++spins) {
      if (spins < 2000) {
        __builtin_ia32_pause();
      } else {
        if (trial_.should_stop()) return false;
        std::this_thread::yield();
      }
    }
    return true;
  }

  /// False when the trial is to stop: what the other side did is not known then, and nothing may be concluded.
  bool meet(size_t side) {
    const uint64_t number = shared_->round[side].fetch_add(1) + 1;
    return await([&] { return shared_->round[1 - side].load() >= number; });
  }

  void fail(const char* what, uint64_t expected, uint64_t got) {
    bool first = false;
    if (!told_.compare_exchange_strong(first, true)) return;
    char text[200];
    std::snprintf(text, sizeof text, "%s: expected %llu, got %llu", what, static_cast<unsigned long long>(expected),
                  static_cast<unsigned long long>(got));
    fault_ = text;
  }

  /// Additions and compare-and-swap by both sides: none may be lost.
  void counters(size_t side) {
    if (!meet(side)) return;
    for (uint64_t i = 0; i < rounds; ++i) {
      if (!(side == 0 && i == 77 && injects("lost-increment")))
        shared_->counter.fetch_add(1, std::memory_order_relaxed);
      uint64_t value = shared_->exchanged.load(std::memory_order_relaxed);
      while (!shared_->exchanged.compare_exchange_weak(value, value + 3)) {
      }
    }
    if (!meet(side)) return;
    if (side == 0) {
      if (shared_->counter != 2 * rounds) fail("increments were lost", 2 * rounds, shared_->counter);
      if (shared_->exchanged != 6 * rounds) fail("compare-and-swap lost a value", 6 * rounds, shared_->exchanged);
    }
  }

  /// Plain stores of both sides to words of one line: neither may undo the other's.
  void neighbours(size_t side) {
    if (!meet(side)) return;
    for (uint64_t i = 1; i <= rounds; ++i)
      for (size_t word = side; word < 8; word += 2) {
        auto& own = shared_->neighbours[word];
        if (own.load(std::memory_order_relaxed) != i - 1) fail("a neighbour's store undid one", i - 1, own.load());
        own.store(i, std::memory_order_relaxed);
      }
    if (side == 1 && injects("undo-neighbour")) shared_->neighbours[1].store(rounds - 1);
    if (!meet(side)) return;
    if (side == 0)
      for (auto& word : shared_->neighbours)
        if (word != rounds) fail("a word of a shared line", rounds, word);
  }

  /// Message passing: who sees the flag must see the data that was stored before it.
  void messages(size_t side) {
    if (!meet(side)) return;
    if (side == 0) {
      for (uint64_t i = 1; i <= rounds; ++i) {
        shared_->data.store(i, std::memory_order_relaxed);
        shared_->flag.store(i, std::memory_order_release);
      }
      return;
    }
    uint64_t newest = 0;
    while (newest < rounds) {
      const uint64_t flag = shared_->flag.load(std::memory_order_acquire);
      uint64_t data = shared_->data.load(std::memory_order_relaxed);
      if (flag == rounds && injects("stale-data")) data = flag - 1;
      if (data < flag) fail("data older than its flag", flag, data);
      if (flag < newest) fail("a flag went back", newest, flag);
      if (flag == newest && !await([&] { return shared_->flag.load() != newest; })) return;
      newest = std::max(newest, flag);
    }
  }

  /// Store buffering with a full fence between: not both may miss the other's store.
  void store_buffers(size_t side) {
    auto& mine = side == 0 ? shared_->x : shared_->y;
    auto& other = side == 0 ? shared_->y : shared_->x;
    for (uint64_t i = 1; i <= rounds / 4; ++i) {
      if (!meet(side)) return;
      mine.store(i, std::memory_order_relaxed);
      std::atomic_signal_fence(std::memory_order_seq_cst);
      __builtin_ia32_mfence();
      uint64_t got = other.load(std::memory_order_relaxed);
      if (i == 50 && injects("both-missed")) got = i - 1;
      shared_->seen[side].store(got);
      if (!meet(side)) return;
      if (side == 0 && shared_->seen[0] < i && shared_->seen[1] < i)
        fail("both sides missed the other's store", i, shared_->seen[0]);
    }
  }

  /// A line goes to and fro; its seven words must arrive whole.
  void bounces(size_t side) {
    if (!meet(side)) return;
    const double start = wall_seconds();
    for (uint64_t i = 0; i < rounds; ++i) {
      if (i % 2 != side) continue;
      if (!await([&] { return shared_->ball.load(std::memory_order_acquire) == i; })) return;
      for (size_t word = 0; i > 0 && word < 7; ++word) {
        const uint64_t expected = (i - 1) * 0x9E3779B97F4A7C15u + word;
        uint64_t got = shared_->payload[word].load(std::memory_order_relaxed);
        if (i == 99 && word == 3 && injects("damaged-line")) got ^= 16;
        if (got != expected) fail("a line arrived damaged", expected, got);
      }
      for (size_t word = 0; word < 7; ++word)
        shared_->payload[word].store(i * 0x9E3779B97F4A7C15u + word, std::memory_order_relaxed);
      shared_->ball.store(i + 1, std::memory_order_release);
    }
    if (side == 1) bounce_seconds_ = (wall_seconds() - start) / static_cast<double>(rounds);
    if (!meet(side)) return;
  }

  const assay::Trial& trial_;
  bool plant_;
  std::unique_ptr<Shared> shared_ = std::make_unique<Shared>();
  std::atomic<bool> told_{false};
  std::string fault_;
  double bounce_seconds_ = 0;
};

/// Which core it is, when it is in every failing pair and there are pairs without it that passed.
std::string blame(const std::map<std::pair<int, int>, std::string>& failed, const std::vector<int>& cores) {
  if (cores.size() < 3 || failed.empty()) return "Which of the two it is cannot be told from one pair.";
  std::vector<int> suspects;
  for (const int core : cores)
    if (std::all_of(failed.begin(), failed.end(),
                    [&](const auto& entry) { return entry.first.first == core || entry.first.second == core; }))
      suspects.push_back(core);
  if (suspects.size() == 1 && failed.size() > 1)
    return "Core " + std::to_string(suspects[0]) + " is in every pair that failed.";
  return "No single core is in every pair that failed, or only one pair did.";
}

}  // namespace

void CoherenceTest::run(assay::Trial& trial) {
  const std::vector<int> cores = usable_cores();
  if (cores.size() < 2) throw assay::Skip{"absent", "only one core can be used: there is nobody to agree with"};
  const double duration = trial.real("duration"), start = wall_seconds();
  std::map<std::pair<int, int>, std::string> failed;
  double sets = 0, best_bounce = 0;
  bool whole_round = false;
  while (!trial.should_stop() && (!whole_round || wall_seconds() - start < duration)) {
    for (size_t a = 0; a < cores.size(); ++a)
      for (size_t b = a + 1; b < cores.size(); ++b) {
        // On a machine of many cores the pairs alone take longer than a short trial: it ends within a round then.
        if (trial.should_stop() || (sets > 0 && wall_seconds() - start >= duration)) break;
        trial.breadcrumb("pair", static_cast<uint64_t>(cores[a]) << 32 | static_cast<uint64_t>(cores[b]));
        Pair pair(trial, sets == 0);
        run_on({cores[a], cores[b]}, [&](size_t side, Stay&) { pair.run(side); });
        if (!pair.fault().empty()) failed[{cores[a], cores[b]}] = pair.fault();
        if (pair.bounce_seconds() > 0 && (best_bounce == 0 || pair.bounce_seconds() < best_bounce))
          best_bounce = pair.bounce_seconds();
        ++sets;
      }
    whole_round = true;
  }
  if (!failed.empty()) {
    const auto& [pair, what] = *failed.begin();
    const std::string at = conditions(pair.first);
    trial.fail("incoherent",
               "Cores " + std::to_string(pair.first) + " and " + std::to_string(pair.second) +
                   " do not agree: " + what + (at.empty() ? "" : ", " + at) + "; " + std::to_string(failed.size()) +
                   " pair(s) failed. " + blame(failed, cores),
               trial.target());
  }
  trial.measure("failed-pairs", static_cast<double>(failed.size()));
  trial.measure("sets", sets);
  trial.measure("bounce", best_bounce * 1e9);
}

}  // namespace cpu
