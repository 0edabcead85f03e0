// The plugin `memory`: March C- and own-address over most of the free memory, one worker per core.
#include <assay/ext/bench.h>
#include <sched.h>

#include <algorithm>
#include <assay/plugin.hpp>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <functional>
#include <memory>
#include <system_error>
#include <thread>

#include "march.hpp"
#include "pool.hpp"

namespace {

using memory::Errors;
using memory::Order;
using memory::Piece;

constexpr size_t piece_bytes = size_t{64} << 20;

double now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// What both tests share: time, memory, workers, and what they say at the end.
class Sweep {
 public:
  explicit Sweep(assay::Trial& trial)
      : trial_(trial), seconds_(trial.real("duration")), pool_(trial.real("share"), piece_bytes), start_(now()) {
    cpu_set_t cores;
    workers_ = sched_getaffinity(0, sizeof cores, &cores) == 0 ? std::max(1, CPU_COUNT(&cores)) : 1;
  }

  bool over(double part = 1) const { return trial_.should_stop() || now() - start_ >= seconds_ * part; }
  memory::Pool& pool() { return pool_; }
  const assay::Trial& trial() const { return trial_; }
  /// True once, for the worker that comes first: the place of the injection.
  bool first() { return !claimed_.exchange(true); }
  void tested(size_t words) { tested_ += words * sizeof(uint64_t); }
  void covered(size_t words) { covered_ += words * sizeof(uint64_t); }

  /// Runs `work` on every worker; each has its own errors.
  void on_all(const std::function<void(int worker, int workers, Errors&)>& work) {
    std::vector<Errors> errors(static_cast<size_t>(workers_));
    std::vector<std::thread> threads;
    for (int i = 1; i < workers_; ++i) {
      try {
        threads.emplace_back([&, i] { work(i, workers_, errors[static_cast<size_t>(i)]); });
      } catch (const std::system_error&) {
        workers_ = i;  // fewer threads do the same work
        break;
      }
    }
    work(0, workers_, errors[0]);
    for (std::thread& thread : threads) thread.join();
    for (const Errors& found : errors)
      if (found.count > 0) errors_.add(found);
  }

  void report() {
    if (errors_.count > 0) say_what_is_wrong();
    if (covered_ == 0)
      throw assay::Skip{"not-supported", "no memory could be taken without pushing the machine into swap"};
    const double total = static_cast<double>(std::max<uint64_t>(1, memory::amounts().total));
    trial_.measure("wrong-words", static_cast<double>(errors_.count));
    trial_.measure("tested", static_cast<double>(tested_));
    trial_.measure("covered", 100 * static_cast<double>(covered_) / total);
  }

 private:
  void say_what_is_wrong() const {
    char text[320], place[64];
    const uint64_t physical = memory::physical_address(errors_.first);
    if (physical != 0)
      std::snprintf(place, sizeof place, "physical address 0x%llx", static_cast<unsigned long long>(physical));
    else
      std::snprintf(place, sizeof place, "physical address not known");
    std::snprintf(text, sizeof text,
                  "%llu word%s held wrong data. First: expected %016llx, got %016llx (differing bits %016llx); all "
                  "differing bits %016llx. Not mapped to a slot.",
                  static_cast<unsigned long long>(errors_.count), errors_.count == 1 ? "" : "s",
                  static_cast<unsigned long long>(errors_.expected), static_cast<unsigned long long>(errors_.actual),
                  static_cast<unsigned long long>(errors_.expected ^ errors_.actual),
                  static_cast<unsigned long long>(errors_.bits));
    trial_.fail("wrong-data", text, place);
  }

  assay::Trial& trial_;
  double seconds_;
  memory::Pool pool_;
  double start_;
  int workers_ = 1;
  std::atomic<bool> claimed_{false};
  std::atomic<uint64_t> tested_{0}, covered_{0};
  Errors errors_;
};

class March {
 public:
  static constexpr auto id = "memory.march";
  static constexpr auto binds = "memory";
  static constexpr auto parameters = assay::names("duration", "share");
  static constexpr auto measurements = assay::names("wrong-words", "tested", "covered");
  static constexpr auto injections = assay::names("flip-bit", "stuck-bit");

  void run(assay::Trial& trial) {
    Sweep sweep(trial);
    // New memory as long as there is some; then the same memory again with another background.
    sweep.on_all([&](int worker, int workers, Errors& errors) {
      while (!sweep.over() || sweep.pool().bytes() == 0) {
        const Piece piece = sweep.pool().take();
        if (!piece) break;
        march(sweep, piece, background(trial.seed(), 0), errors);
        sweep.covered(piece.count);
      }
      for (uint64_t pass = 1; !sweep.over() && pass < 1'000'000; ++pass) {
        const auto pieces = sweep.pool().taken();
        for (size_t i = static_cast<size_t>(worker); i < pieces.size() && !sweep.over();
             i += static_cast<size_t>(workers))
          march(sweep, pieces[i], background(trial.seed(), pass), errors);
        if (pieces.empty()) break;
      }
    });
    sweep.report();
  }

 private:
  /// A word background: solid first, as coupling between words needs; then mixed ones, for bits within a word.
  static uint64_t background(uint64_t seed, uint64_t pass) {
    static constexpr uint64_t backgrounds[] = {0,
                                               0x5555555555555555u,
                                               0x3333333333333333u,
                                               0x0F0F0F0F0F0F0F0Fu,
                                               0x00FF00FF00FF00FFu,
                                               0x0000FFFF0000FFFFu,
                                               0x00000000FFFFFFFFu};
    return backgrounds[(seed + pass) % 7];
  }

  /// March C-: {any(w0); up(r0,w1); up(r1,w0); down(r0,w1); down(r1,w0); any(r0)}.
  static void march(Sweep& sweep, const Piece& piece, uint64_t zero, Errors& errors) {
    const assay::Trial& trial = sweep.trial();
    const uint64_t one = ~zero;
    uint64_t* words = piece.words;
    const bool inject = sweep.first();
    uint64_t* victim = words + trial.seed() % piece.count;
    trial.breadcrumb("March C-", reinterpret_cast<uint64_t>(words));
    const auto plant = [&](bool flip_here) {
      if (inject && flip_here && trial.injects("flip-bit")) *victim ^= uint64_t{1} << 13;
      if (inject && trial.injects("stuck-bit")) *victim &= ~(uint64_t{1} << 40);  // a cell that cannot hold a one
    };
    memory::write_all(words, piece.count, zero);
    plant(false);
    memory::read_write(words, piece.count, Order::up, zero, one, errors);
    plant(true);
    memory::read_write(words, piece.count, Order::up, one, zero, errors);
    plant(false);
    memory::read_write(words, piece.count, Order::down, zero, one, errors);
    plant(false);
    memory::read_write(words, piece.count, Order::down, one, zero, errors);
    plant(false);
    memory::read_all(words, piece.count, zero, errors);
    sweep.tested(piece.count);
  }
};

class OwnAddress {
 public:
  static constexpr auto id = "memory.own-address";
  static constexpr auto binds = "memory";
  static constexpr auto parameters = assay::names("duration", "share");
  static constexpr auto measurements = assay::names("wrong-words", "tested", "covered");
  static constexpr auto injections = assay::names("alias", "flip-bit");

  void run(assay::Trial& trial) {
    Sweep sweep(trial);
    // Everything is written before anything is read: an address that leads to another cell shows then, however far
    // apart.
    sweep.on_all([&](int, int, Errors&) {
      while (!sweep.over(0.7) || sweep.pool().bytes() == 0) {
        const Piece piece = sweep.pool().take();
        if (!piece) break;
        trial.breadcrumb("write own address", reinterpret_cast<uint64_t>(piece.words));
        memory::write_addresses(piece.words, piece.count, trial.seed());
      }
    });
    const std::vector<Piece> pieces = sweep.pool().taken();
    plant(trial, pieces);
    sweep.on_all([&](int worker, int workers, Errors& errors) {
      for (size_t i = static_cast<size_t>(worker); i < pieces.size() && !trial.should_stop();
           i += static_cast<size_t>(workers)) {
        trial.breadcrumb("read own address", reinterpret_cast<uint64_t>(pieces[i].words));
        memory::read_addresses(pieces[i].words, pieces[i].count, trial.seed(), errors);
        sweep.tested(pieces[i].count);
        sweep.covered(pieces[i].count);
      }
    });
    sweep.report();
  }

 private:
  static void plant(const assay::Trial& trial, const std::vector<Piece>& pieces) {
    if (pieces.empty()) return;
    const Piece& first = pieces.front();
    // An address line that is stuck: what was written to one cell went to the other.
    if (trial.injects("alias")) first.words[first.count / 2] = first.words[first.count / 4];
    if (trial.injects("flip-bit")) first.words[trial.seed() % first.count] ^= uint64_t{1} << 5;
  }
};

// The passes, bare, for assay-bench: 64 MiB, more than the caches of a bench machine's core.
struct BenchState {
  std::unique_ptr<uint64_t[]> words{new uint64_t[piece_bytes / sizeof(uint64_t)]};
  Errors errors;
  static constexpr size_t count = piece_bytes / sizeof(uint64_t);
};

template <void (*pass)(BenchState&)>
constexpr assay_kernel kernel(const char* name, double traffic) {
  return {sizeof(assay_kernel),
          0,
          name,
          0,
          traffic * piece_bytes,
          [] { return int32_t{1}; },
          []() -> void* {
            auto* state = new BenchState;
            memory::write_all(state->words.get(), BenchState::count, 0);
            return state;
          },
          [](void* state) { pass(*static_cast<BenchState*>(state)); },
          [](void* state) { delete static_cast<BenchState*>(state); }};
}

void write_pass(BenchState& s) { memory::write_all(s.words.get(), BenchState::count, 0); }
void read_pass(BenchState& s) { memory::read_all(s.words.get(), BenchState::count, 0, s.errors); }
void read_write_pass(BenchState& s) { memory::read_write(s.words.get(), BenchState::count, Order::up, 0, 0, s.errors); }

const assay_kernel kernels[] = {kernel<write_pass>("march/write", 1), kernel<read_pass>("march/read", 1),
                                kernel<read_write_pass>("march/read-write", 2)};
const assay_bench bench{sizeof(assay_bench), sizeof kernels / sizeof kernels[0], kernels};

const void* lookup(const char* id) { return std::strcmp(id, ASSAY_EXT_BENCH) == 0 ? &bench : nullptr; }

}  // namespace

ASSAY_PLUGIN_WITH(lookup, March, OwnAddress)
