// assay-peers: Assay's kernels beside the tools that people use today, as a table of ratios from one run. Everything
// counts by processor time (p90 of short bursts where they can be made), since these figures must survive a busy
// machine; the rows for two cores go by the wall clock and mean something on an idle machine only.
#include <cblas.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <memory>
#include <thread>

#include "commands.hpp"
#include "kernels.hpp"
#include "plain_loops.hpp"
#include "table.hpp"

namespace {

using namespace assay::bench;

constexpr size_t buffer_bytes = size_t{64} << 20;
constexpr double giga = 1e-9;

double seconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

struct Rate {
  double median = 0, p90 = 0;  // units per second of processor time
};

Rate rate_of(std::vector<double> samples) {
  if (samples.empty()) return {};
  std::sort(samples.begin(), samples.end());
  return {samples[samples.size() / 2], samples[samples.size() * 9 / 10]};
}

/// A piece of work that can be called again and again: a plugin's kernel, or a plain loop.
struct Work {
  std::string name;
  double units;  // of one call
  std::function<void()> call;
};

using Buffer = std::unique_ptr<void, void (*)(void*)>;

Buffer buffer() {
  Buffer place(std::aligned_alloc(64, buffer_bytes), &std::free);
  std::memset(place.get(), 0, buffer_bytes);
  return place;
}

Work plain(const PlainLoop& loop, void* place) {
  return {loop.name, buffer_bytes, [&loop, place] {
            volatile uint64_t seen = loop.read_and_write(place, buffer_bytes);
            (void)seen;
          }};
}

Work work_of(const Kernel& kernel, double units) {
  const std::shared_ptr<void> state(kernel.kernel->set_up(), kernel.kernel->tear_down);
  return {kernel.name, units, [call = kernel.kernel->call, state] { call(state.get()); }};
}

const Kernel* find(const std::vector<Kernel>& kernels, const std::string& name) {
  for (const Kernel& kernel : kernels)
    if (kernel.name == name && kernel.kernel->supported() != 0) return &kernel;
  return nullptr;
}

/// Calls them in turns, so that what disturbs one disturbs all.
std::vector<Rate> in_turns(const std::vector<Work>& works, int rounds) {
  std::vector<std::vector<double>> samples(works.size());
  for (int round = -2; round < rounds; ++round)
    for (size_t i = 0; i < works.size(); ++i) {
      const double start = seconds(CLOCK_THREAD_CPUTIME_ID);
      works[i].call();
      const double took = seconds(CLOCK_THREAD_CPUTIME_ID) - start;
      if (round >= 0) samples[i].push_back(works[i].units / took);
    }
  std::vector<Rate> rates;
  rates.reserve(samples.size());
  for (auto& list : samples) rates.push_back(rate_of(list));
  return rates;
}

/// Units per second of the wall clock on two threads that do the same on their own memory: the works in turns, in
/// bursts that both threads begin together.
std::vector<Rate> on_two_threads(const std::function<std::vector<Work>()>& make, int rounds) {
  std::barrier<> together(2);
  std::vector<std::vector<double>> samples[2];
  const auto body = [&](size_t thread) {
    const std::vector<Work> works = make();
    samples[thread].resize(works.size());
    for (int round = -2; round < rounds; ++round)
      for (size_t i = 0; i < works.size(); ++i) {
        together.arrive_and_wait();
        const double start = seconds(CLOCK_MONOTONIC);
        for (int call = 0; call < 4; ++call) works[i].call();
        const double took = seconds(CLOCK_MONOTONIC) - start;
        if (round >= 0) samples[thread][i].push_back(4 * works[i].units / took);
      }
  };
  std::thread other(body, 1);
  body(0);
  other.join();
  std::vector<Rate> rates;
  for (size_t i = 0; i < samples[0].size(); ++i) {
    for (size_t round = 0; round < samples[0][i].size(); ++round) samples[0][i][round] += samples[1][i][round];
    rates.push_back(rate_of(samples[0][i]));
  }
  return rates;
}

double number_after(const std::string& text, const std::string& words) {
  const size_t at = text.find(words);
  return at == std::string::npos ? 0 : std::atof(text.c_str() + at + words.size());
}

/// memtester's walking ones: 64 steps and back, each writes and compares all of its memory. The fixed cost and the
/// random test that it needs first are taken off by a run without. Bit I of its mask is its test number I.
double memtester() {
  const char* megabytes = "256M";
  const auto cost = [&](const char* mask) {
    const Outcome outcome = run({"memtester", megabytes, "1"}, {std::string("MEMTESTER_TEST_MASK=") + mask});
    return outcome.exit_code == 0 ? outcome.cpu_seconds : 0;
  };
  const double without = cost("0x1"), with = cost("0x2001");
  return without > 0 && with > without ? 128.0 * (256 << 20) / (with - without) : 0;
}

struct Copied {
  double by_cpu = 0, by_wall = 0;
};
/// stressapptest counts what it reads and what it writes: half of it is tested bytes. The best of three runs, as ours
/// is the p90 of many.
Copied stressapptest(int threads) {
  Copied best;
  for (int i = 0; i < 3; ++i) {
    const Outcome outcome = run({"stressapptest", "-M", "512", "-s", "6", "-m", std::to_string(threads)});
    const double megabytes = number_after(outcome.output, "Memory Copy: "),
                 rate = number_after(outcome.output, "M at ");
    if (outcome.exit_code != 0 || megabytes <= 0) continue;
    best.by_cpu = std::max(best.by_cpu, megabytes * 1048576 / 2 / outcome.cpu_seconds);
    best.by_wall = std::max(best.by_wall, rate * 1048576 / 2);
  }
  return best;
}

/// Products of 256 x 256 matrices; its own count of them.
double stress_ng() {
  const Outcome outcome = run(
      {"stress-ng", "--matrix", "1", "--matrix-method", "prod", "--matrix-size", "256", "-t", "8", "--metrics-brief"});
  const size_t line = outcome.output.find("] matrix ");
  if (outcome.exit_code != 0 || line == std::string::npos) return 0;
  return std::atof(outcome.output.c_str() + line + 9) * 2 * 256.0 * 256 * 256 / outcome.cpu_seconds;
}

double dgemm() {
  constexpr int n = 1024;
  std::vector<double> a(n * n, 1.5), b(n * n, 0.25), c(n * n);
  std::vector<double> samples;
  for (int i = 0; i < 12; ++i) {
    const double start = seconds(CLOCK_PROCESS_CPUTIME_ID);
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, a.data(), n, b.data(), n, 0, c.data(), n);
    if (i > 1) samples.push_back(2.0 * n * n * n / (seconds(CLOCK_PROCESS_CPUTIME_ID) - start));
  }
  return rate_of(samples).p90;
}

/// cpu.fma with every result compared: its speed, and the peak that it measured in between.
struct Verified {
  double p90 = 0, mean = 0, peak = 0;
};
Verified verified_fma(const char* instructions) {
  auto found =
      measured("cpu.fma", fmt::format("duration = \"6s\", instructions = \"{}\", precision = \"double\"", instructions),
               "core:0");
  return {found["speed-p90"] * 1e9, found["speed"] * 1e9, found["peak"] * 1e9};
}

std::string value(double units, const char* unit) {
  return units > 0 ? fmt::format("{:.2f} {}", units * giga, unit) : "not measured";
}
void memory_rows(const std::vector<Kernel>& kernels) {
  std::vector<Work> works;
  std::vector<Buffer> places;
  for (const PlainLoop& loop : plain_loops)
    if (loop.supported()) {
      places.push_back(buffer());
      works.push_back(plain(loop, places.back().get()));
    }
  const size_t plain_count = works.size();
  for (const char* isa : {"avx512", "avx2", "scalar"})
    for (const char* order : {"up", "down"})
      if (const Kernel* kernel = find(kernels, fmt::format("memory/march/{}/{}(r,w)", isa, order)))
        works.push_back(work_of(*kernel, buffer_bytes));
  const std::vector<Rate> rates = in_turns(works, 80);
  size_t best_plain = 0, best_march = plain_count;
  for (size_t i = 0; i < works.size(); ++i) {
    size_t& best = i < plain_count ? best_plain : best_march;
    if (rates[i].p90 > rates[best].p90) best = i;
  }
  fmt::print(
      "\n## Memory: bytes written and read back per second\n\n| what | measured | against | ratio "
      "|\n|---|---|---|---|\n");
  for (size_t i = 0; i < works.size(); ++i)
    row((i < plain_count ? "plain loop, " : "") + works[i].name + ", one core",
        value(rates[i].p90, "GB/s CPU, p90") + fmt::format(" (median {:.2f})", rates[i].median * giga),
        "best plain loop", ratio(rates[i].p90, rates[best_plain].p90));
  const double ours = rates[best_march].p90;
  const double peer = memtester();
  row("memtester, walking ones", value(peer, "GB/s CPU"), "Assay, p90, is this many times as fast", ratio(ours, peer));
  const Copied one = stressapptest(1);
  row("stressapptest -m 1", value(one.by_cpu, "GB/s CPU"), "Assay, p90, is this many times as fast",
      ratio(ours, one.by_cpu));

  const std::string best_name = works[best_march].name;
  const PlainLoop* loop = nullptr;
  for (const PlainLoop& candidate : plain_loops)
    if (works[best_plain].name == candidate.name) loop = &candidate;
  const std::vector<Rate> two_threads = on_two_threads(
      [&] {
        const auto place = std::make_shared<Buffer>(buffer());
        const Work work = plain(*loop, place->get());
        return std::vector<Work>{{work.name, work.units, [call = work.call, place] { call(); }},
                                 work_of(*find(kernels, best_name), buffer_bytes)};
      },
      60);
  const double plain_two = two_threads[0].p90, march_two = two_threads[1].p90;
  row(best_name + ", two cores",
      value(march_two, "GB/s wall, p90") + fmt::format(" (median {:.2f})", two_threads[1].median * giga),
      "plain loop on two cores, " + value(plain_two, "GB/s wall, p90"), ratio(march_two, plain_two));
  const Copied two = stressapptest(2);
  row("stressapptest -m 2", value(two.by_wall, "GB/s wall"), "Assay on two cores is this many times as fast",
      ratio(march_two, two.by_wall));
}

void arithmetic_rows(const std::vector<Kernel>& kernels) {
  fmt::print(
      "\n## Arithmetic: double-precision operations per second of one core\n\n| what | measured | against | ratio "
      "|\n|---|---|---|---|\n");
  double peak = 0;
  for (const char* isa : {"avx512", "avx2", "sse2"}) {
    const Kernel* kernel = find(kernels, fmt::format("cpu/fma/{}/double", isa));
    if (kernel == nullptr) continue;
    const Work one = work_of(*kernel, kernel->kernel->operations_per_call);
    const Work hundred{one.name, 100 * one.units, [&one] {
                         for (int i = 0; i < 100; ++i) one.call();
                       }};
    const Rate bare = in_turns({hundred}, 400)[0];
    peak = std::max(peak, bare.p90);
    const Verified verified = verified_fma(isa);
    row(fmt::format("bare multiply-adds, {}", isa), value(bare.p90, "GFLOP/s CPU, p90"), "", "");
    row(fmt::format("cpu.fma, {}, every result compared", isa),
        value(verified.p90, "GFLOP/s CPU, p90") + fmt::format(" (mean {:.2f})", verified.mean * giga),
        "its own bursts in the same trial, " + value(verified.peak, "GFLOP/s"), ratio(verified.p90, verified.peak));
  }
  const double blas = dgemm();
  row("OpenBLAS dgemm, n = 1024, p90", value(blas, "GFLOP/s CPU"), "peak", ratio(blas, peak));
  const double stress = stress_ng();
  row("stress-ng --matrix prod, single precision", value(stress, "GFLOP/s CPU"), "peak of single precision (twice)",
      stress > 0 ? fmt::format("{:.3f}", stress / (2 * peak)) : "-");
}

}  // namespace

int main(int count, char** arguments) {
  setenv("OPENBLAS_NUM_THREADS", "1", 1);
  openblas_set_num_threads(1);
  const std::vector<Kernel> kernels = load_kernels();
  const std::string only = count > 1 ? arguments[1] : "";
  if (only.empty() || only == "memory") memory_rows(kernels);
  if (only.empty() || only == "arithmetic") arithmetic_rows(kernels);
  if (only.empty() || only == "storage") storage_rows();
  return 0;
}
