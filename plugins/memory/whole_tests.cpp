// memory.own-address, memory.bit-fade, memory.row-hammer: all memory is filled before anything is read back.
#include <algorithm>
#include <atomic>
#include <ctime>
#include <functional>

#include "backgrounds.hpp"
#include "kernels/element_kernel.hpp"
#include "kernels/fill_kernels.hpp"
#include "memory_trial.hpp"
#include "tests.hpp"

namespace memory {
namespace {

constexpr march::Operation write_zero[] = {{true, false}}, read_zero[] = {{false, false}};

void fill(const Piece& piece, const Line& line) {
  widest_kernel().apply({piece.words, piece.lines, false, write_zero, 1, {line, line}, Flush::none, nullptr});
}

void check(const Job& job, const Line& line) {
  widest_kernel().apply({job.piece.words, job.piece.lines, false, read_zero, 1, {line, line}, Flush::none, &job.log});
}

double wait(const assay::Trial& trial, double seconds) {
  timespec start{}, now{};
  clock_gettime(CLOCK_MONOTONIC, &start);
  double passed = 0;
  while (passed < seconds && !trial.should_stop()) {
    const timespec step{0, 50'000'000};
    nanosleep(&step, nullptr);
    clock_gettime(CLOCK_MONOTONIC, &now);
    passed = static_cast<double>(now.tv_sec - start.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec - start.tv_nsec);
  }
  return passed;
}

}  // namespace

void OwnAddressTest::run(assay::Trial& trial) {
  MemoryTrial memory_trial(trial);
  const auto write = [&](const Piece& piece) {
    trial.breadcrumb("write own address", reinterpret_cast<uint64_t>(piece.words));
    write_addresses(piece.words, piece.lines, trial.seed());
  };
  const auto read = [&](const Job& job) {
    trial.breadcrumb("read own address", reinterpret_cast<uint64_t>(job.piece.words));
    uint64_t* words = job.piece.words;
    const size_t count = job.piece.lines * line_words;
    // An address line that is stuck: what was written to one cell went to the other.
    if (job.plant && trial.injects("alias")) words[count / 2] = words[count / 4];
    if (job.plant && trial.injects("flip-bit")) words[trial.seed() % count] ^= uint64_t{1} << 5;
    read_addresses(words, job.piece.lines, trial.seed(), job.log);
  };
  // Everything is written before anything is read: an address that leads to another cell shows then, however far apart.
  memory_trial.fill_all(0.7, write);
  memory_trial.on_all(read, read, write);
  memory_trial.count_all_as_tested();
  memory_trial.report([](const ErrorLog&) { return std::string("the word that holds its own address"); });
}

void BitFadeTest::run(assay::Trial& trial) {
  MemoryTrial memory_trial(trial);
  const Line zeros = background(0), ones = complement(zeros);
  memory_trial.fill_all(0.4, [&](const Piece& piece) {
    fill(piece, zeros);
    memory_trial.settle(piece);
  });
  double paused = 0;
  for (const bool one : {false, true}) {
    const Line& line = one ? ones : zeros;
    if (one) memory_trial.on_all([&](const Job& job) { fill(job.piece, line); });
    trial.breadcrumb(one ? "pause with ones" : "pause with zeros");
    trial.progress(one ? 0.7 : 0.4, one ? "pausing, all ones" : "pausing, all zeros");
    paused += wait(trial, memory_trial.seconds_left() * (one ? 0.9 : 0.45));
    const auto look = [&](const Job& job) {
      if (job.piece.words == memory_trial.pool().taken().front().words) {
        uint64_t* victim = job.piece.words + trial.seed() % (job.piece.lines * line_words);
        if (one && trial.injects("leak-one")) *victim &= ~(uint64_t{1} << 17);
        if (!one && trial.injects("leak-zero")) *victim |= uint64_t{1} << 17;
      }
      job.log.set_element(one ? 1 : 0);
      check(job, line);
    };
    // A cell that leaks within minutes need not do so within seconds: the repeats say so little that they are short.
    memory_trial.on_all(look, [&](const Job& job) {
      fill(job.piece, line);
      wait(trial, std::min(paused, 2.0));
      look(job);
    });
  }
  memory_trial.count_all_as_tested();
  trial.measure("pause", paused / 2);
  memory_trial.report([](const ErrorLog& log) {
    return std::string("the check after the pause with ") + (log.first_element() == 1 ? "ones" : "zeros");
  });
}

void RowHammerTest::run(assay::Trial& trial) {
  if (!can_flush())
    throw assay::Skip{"not-supported", "this processor has no clflushopt; rows cannot be opened fast enough"};
  MemoryTrial memory_trial(trial, size_t{16} << 20);
  const Line ones = complement(background(0));
  memory_trial.fill_all(0.3, [&](const Piece& piece) { fill(piece, ones); });
  std::atomic<uint64_t> activations{0};
  std::atomic<int> most_pairs{0};
  // Two rows of one bank are opened in turns as often as can be within a refresh period of 64 ms; which addresses share
  // a bank is not known, so pairs are drawn at random. `over` ends it after a pair.
  const auto hammer = [&](const Job& job, int pairs, const std::function<bool()>& over) {
    trial.breadcrumb("row hammer", reinterpret_cast<uint64_t>(job.piece.words));
    uint64_t state = trial.seed() | 1;
    const auto random_line = [&] {
      state ^= state << 13, state ^= state >> 7, state ^= state << 17;
      return job.piece.words + state % job.piece.lines * line_words;
    };
    for (int pair = 0; pair < pairs && !(pair > 0 && over()); ++pair) {
      const volatile uint64_t *a = random_line(), *b = random_line();
      for (int i = 0; i < 200'000; ++i) {
        (void)*a;
        (void)*b;
        __asm__ volatile("clflushopt (%0)\n\tclflushopt (%1)\n\tmfence" ::"r"(a), "r"(b) : "memory");
      }
      activations += 400'000;
    }
    if (job.plant && trial.injects("flip-neighbour"))
      job.piece.words[trial.seed() % (job.piece.lines * line_words)] ^= 1;
    check(job, ones);
  };
  memory_trial.on_all(
      [&](const Job& job) {
        const double share = memory_trial.seconds_left() / static_cast<double>(memory_trial.pool().taken().size() + 1);
        const auto pairs = static_cast<int>(std::clamp(share / 0.064, 1.0, 64.0));
        if (memory_trial.over()) return;  // its rows were not opened: it does not count
        int known = most_pairs;
        while (known < pairs && !most_pairs.compare_exchange_weak(known, pairs)) {
        }
        hammer(job, pairs, [&] { return memory_trial.over(); });
        memory_trial.count_as_tested(job.piece);
      },
      // The same pairs of rows, and perhaps some more; the time that this test was given is over by then.
      [&](const Job& job) {
        fill(job.piece, ones);
        hammer(job, most_pairs, [&] { return trial.should_stop(); });
      });
  trial.measure("activations", static_cast<double>(activations));
  memory_trial.report([](const ErrorLog&) { return std::string("the check after opening rows in turns"); });
}

}  // namespace memory
