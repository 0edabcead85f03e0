// The plugin `storage`: how long random reads take. Reads only.
#include <assay/ext/artifact.h>
#include <assay/ext/bench.h>
#include <unistd.h>

#include <algorithm>
#include <assay/plugin.hpp>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "histogram.hpp"
#include "read_queue.hpp"

namespace {

double now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t next() {
    uint64_t x = state_ += 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
  }

 private:
  uint64_t state_;
};

class Latency {
 public:
  static constexpr auto id = "storage.latency";
  static constexpr auto binds = "disk";
  static constexpr auto parameters = assay::names("duration");
  static constexpr auto measurements = assay::names("read-errors", "reads", "median", "p99", "p999", "longest");
  static constexpr auto injections = assay::names("fail-read", "delay-read");

  void run(assay::Trial& trial) {
    const double duration = trial.real("duration");
    const unsigned block = std::max(
        4096u, static_cast<unsigned>(std::strtoul(trial.target_attribute("block", "512").c_str(), nullptr, 10)));
    const bool stand_in = trial.target_attribute("stand_in") == "1";
    storage::ReadQueue queue(stand_in ? make_stand_in() : trial.target_attribute("path"), block);
    if (!queue.usable()) throw assay::Skip{queue.category(), queue.problem()};
    const uint64_t blocks = queue.bytes() / block;
    Random random(trial.seed());
    const assay::Series series("read time", "ms");
    const double start = now();
    for (uint64_t number = 0; !trial.should_stop() && (number < 10 || now() - start < duration); ++number) {
      const uint64_t offset = random.next() % blocks * block;
      if (number % 64 == 0) trial.breadcrumb("random read", offset);
      storage::ReadResult result = queue.read(offset, stop, &trial);
      if (!result.finished) {
        ++errors_;
        say("no-answer", "A read did not come back within " + std::to_string(static_cast<int>(result.seconds)) + " s",
            offset, trial);
        break;
      }
      if (number == 5 && trial.injects("fail-read")) result.error = EIO;
      if (number == 5 && trial.injects("delay-read")) result.seconds += 30;
      times_.add(result.seconds);
      series.push(result.seconds * 1e3);
      if (result.error != 0 && ++errors_ <= 10)
        say("read-error", std::string("A block cannot be read: ") + std::strerror(result.error), offset, trial);
    }
    trial.measure("read-errors", static_cast<double>(errors_));
    trial.measure("reads", static_cast<double>(times_.count()));
    trial.measure("median", times_.percentile(0.5) * 1e3);
    trial.measure("p99", times_.percentile(0.99) * 1e3);
    trial.measure("p999", times_.percentile(0.999) * 1e3);
    trial.measure("longest", times_.greatest() * 1e3);
  }

 private:
  /// A healthy "disk" of 4 MiB in the artifact folder, where the machine has none that may be read.
  static std::string make_stand_in() {
    const auto* artifacts = assay::host_extension<assay_artifact>(ASSAY_EXT_ARTIFACT);
    const int file = artifacts == nullptr ? -1 : artifacts->create("stand-in.disk", "application/octet-stream");
    if (file < 0) throw std::runtime_error("no stand-in can be made");
    const std::string zeros(size_t{4} << 20, '\0');
    const bool whole = write(file, zeros.data(), zeros.size()) == static_cast<ssize_t>(zeros.size());
    close(file);
    if (!whole) throw std::runtime_error("no stand-in can be written");
    return "stand-in.disk";
  }

  static bool stop(const void* trial) { return static_cast<const assay::Trial*>(trial)->should_stop(); }

  static void say(const char* code, const std::string& text, uint64_t offset, const assay::Trial& trial) {
    trial.fail(code, text + ", at byte " + std::to_string(offset) + ".",
               trial.target_attribute("path") + " byte " + std::to_string(offset));
  }

  storage::Histogram times_;
  uint64_t errors_ = 0;
};

void bench_call(void* state) {
  auto* histogram = static_cast<storage::Histogram*>(state);
  for (int i = 1; i <= 1000; ++i) histogram->add(1e-6 * i);
}
const assay_kernel kernel{sizeof(assay_kernel),
                          0,
                          "histogram/add",
                          1000,
                          0,
                          [] { return int32_t{1}; },
                          []() -> void* { return new storage::Histogram; },
                          bench_call,
                          [](void* state) { delete static_cast<storage::Histogram*>(state); }};
const assay_bench bench{sizeof(assay_bench), 1, &kernel};
const void* lookup(const char* id) { return std::strcmp(id, ASSAY_EXT_BENCH) == 0 ? &bench : nullptr; }

}  // namespace

ASSAY_PLUGIN_WITH(lookup, Latency)
