// storage.latency: how long reads take, from submission to completion: at random one at a time, at random 32 at once,
// and one after the other.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ctime>

#include "failed_places.hpp"
#include "histogram.hpp"
#include "random.hpp"
#include "read_ring.hpp"
#include "tell_places.hpp"
#include "tests.hpp"

namespace storage {
namespace {

constexpr unsigned many = 32, sequential_bytes = 1u << 20;
constexpr size_t most_outliers = 16;
constexpr int repeats = 3;

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

class Latency {
 public:
  Latency(assay::Trial& trial, const BlockDevice& device)
      : trial_(trial), device_(device), block_(std::max(4096u, device.sector())), random_(trial.seed()) {}

  void run() {
    const double duration = trial_.real("duration"), start = now();
    one_at_a_time(start + 0.6 * duration);
    many_at_once(start + 0.8 * duration);
    in_order(start + duration);
    device_.must_not_shrink();
    if (!lost_) look_again_at_slow();
    if (!lost_) look_again_at_failed();
    report();
  }

 private:
  uint64_t random_place() { return random_.next() % std::max<uint64_t>(1, device_.bytes() / block_) * block_; }

  /// Waits for a read; one that does not come back for so long that the trial must end counts as lost.
  bool wait(ReadRing& ring, Read& done) {
    while (!ring.wait(1, done)) {
      if (ring.in_flight() == 0) return false;
      if (!trial_.should_stop()) continue;
      lost_ = true;
      // Asked to stop: only what has been silent for long is held against the device; a disk may have to spin up first.
      for (const Read& read : ring.abandon(0))
        if (read.seconds() > 10) tell_silent(read);
      if (silent_ + failed_.count() == 0) throw assay::Cancelled{};
      return false;
    }
    return true;
  }

  void one_at_a_time(double end) {
    ReadRing ring(device_, 1, block_);
    const assay::Series series("read time", "ms");
    const double cpu_start = cpu_seconds(), start = now();
    uint64_t number = 0;
    for (; !trial_.should_stop() && !lost_ && (number < 10 || now() < end); ++number) {
      const uint64_t offset = random_place();
      if (number % 64 == 0) trial_.breadcrumb("random read", offset);
      ring.submit(offset, block_);
      Read done;
      if (!wait(ring, done)) break;
      if (number == 5) planted_ = offset;
      if (number == 5 && trial_.injects("delay-read")) done.completed += 30;
      plant(done);
      take(done);
      series.push(done.seconds() * 1e3);
    }
    const double took = now() - start;
    rate_one_ = took > 0 ? static_cast<double>(number) / took : 0;
    cpu_per_read_ = number > 0 ? (cpu_seconds() - cpu_start) / static_cast<double>(number) : 0;
  }

  /// Faults that are rehearsed at a place, and show there each time.
  void plant(Read& read) const {
    if (read.offset != planted_) return;
    if (trial_.injects("fail-read")) read.error = EIO;
    if (trial_.injects("slow-block")) read.completed += 0.6;
  }

  void take_error(const Read& read) {
    if (read.error != 0) failed_.add({read.offset, read.bytes, read.error});
  }

  void tell_silent(const Read& read) {
    trial_.failed_at("no-answer", "offset", read.offset, read.offset + read.bytes);
    if (++silent_ <= 10)
      trial_.fail("no-answer",
                  "A read did not come back within " + std::to_string(static_cast<int>(read.seconds())) + " s.",
                  device_.place(read.offset));
  }

  void take(const Read& read) {
    one_.add(read.seconds());
    take_error(read);
    if (read.error != 0) return;
    const auto slower = [](const Read& a, const Read& b) { return a.seconds() > b.seconds(); };
    slowest_.push_back(read);
    std::push_heap(slowest_.begin(), slowest_.end(), slower);
    if (slowest_.size() > most_outliers) std::pop_heap(slowest_.begin(), slowest_.end(), slower), slowest_.pop_back();
  }

  void many_at_once(double end) {
    if (lost_) return;
    ReadRing ring(device_, many, block_);
    trial_.breadcrumb("random reads, 32 at once");
    const double start = now(), cpu_start = cpu_seconds();
    uint64_t number = 0;
    while ((!trial_.should_stop() && now() < end) || ring.in_flight() > 0) {
      while (!trial_.should_stop() && now() < end && ring.has_free_slot()) ring.submit(random_place(), block_);
      Read done;
      if (!wait(ring, done)) break;
      ++number;
      many_.add(done.seconds());
      take_error(done);
    }
    const double took = now() - start;
    rate_many_ = took > 0 ? static_cast<double>(number) / took : 0;
    cpu_per_read_many_ = number > 0 ? (cpu_seconds() - cpu_start) / static_cast<double>(number) : 0;
  }

  void in_order(double end) {
    const uint64_t whole = device_.bytes() / block_ * block_;
    if (lost_ || whole == 0) return;
    const auto bytes = static_cast<unsigned>(std::min<uint64_t>(sequential_bytes, whole));
    ReadRing ring(device_, 2, bytes);
    trial_.breadcrumb("reads in order");
    const double start = now();
    uint64_t offset = random_.next() % (whole / bytes) * bytes, read = 0;
    while ((!trial_.should_stop() && now() < end) || ring.in_flight() > 0) {
      while (!trial_.should_stop() && now() < end && ring.has_free_slot()) {
        ring.submit(offset, bytes);
        offset = offset + 2 * uint64_t{bytes} <= whole ? offset + bytes : 0;
      }
      Read done;
      if (!wait(ring, done)) break;
      take_error(done);
      read += done.bytes;
    }
    const double took = now() - start;
    sequential_ = took > 0 ? static_cast<double>(read) / took : 0;
  }

  /// A slow moment passes; a slow place stays slow.
  void look_again_at_slow() {
    const double slow = std::max(0.05, 10 * one_.percentile(0.5));
    ReadRing ring(device_, 1, block_);
    for (const Read& outlier : slowest_) {
      if (outlier.seconds() < slow) continue;
      int again = 0;
      for (int i = 0; i < repeats && !lost_; ++i) {
        ring.submit(outlier.offset, block_);
        Read done;
        if (!wait(ring, done)) return;
        plant(done);
        take_error(done);
        again += done.seconds() > std::max(0.05, outlier.seconds() / 4) ? 1 : 0;
      }
      char text[160];
      std::snprintf(text, sizeof text,
                    "A read took %.0f ms, and was slow again in %d of %d repeats (the median is %.2f ms).",
                    outlier.seconds() * 1e3, again, repeats, one_.percentile(0.5) * 1e3);
      if (again < repeats) {
        ++slow_moments_;
        continue;
      }
      trial_.failed_at("slow-place", "offset", outlier.offset, outlier.offset + block_);
      if (++slow_places_ <= 10)
        trial_.finding(assay::Severity::marginal, "slow-place", text, device_.place(outlier.offset));
    }
  }

  void look_again_at_failed() {
    if (failed_.count() == 0) return;
    ReadRing ring(device_, 1, std::max(block_, sequential_bytes));
    failed_.look_again([&](const FailedPlace& place) -> std::optional<int> {
      if (lost_ || trial_.should_stop()) return std::nullopt;
      trial_.breadcrumb("reading again what failed", place.offset);
      ring.submit(place.offset, static_cast<unsigned>(place.bytes));
      Read done;
      if (!wait(ring, done)) return std::nullopt;
      plant(done);
      return done.error;
    });
  }

  void report() {
    tell_places(failed_, {"read-error", "read-error-once", "A block cannot be read", "Read", true, true}, trial_,
                [&](const FailedPlace& place) { return device_.place(place.offset); });
    tell_if_cached(device_, trial_);
    tell_if_grown(device_, trial_);
    // What was good each time it was read again is no block that cannot be read.
    const size_t standing = failed_.standing().size();
    trial_.measure("read-errors", static_cast<double>(silent_ + standing + (standing > 0 ? failed_.others() : 0)));
    trial_.measure("slow-places", slow_places_);
    trial_.measure("slow-moments", slow_moments_);
    trial_.measure("reads", static_cast<double>(one_.count() + many_.count()));
    trial_.measure("median", one_.percentile(0.5) * 1e3);
    trial_.measure("p99", one_.percentile(0.99) * 1e3);
    trial_.measure("p999", one_.percentile(0.999) * 1e3);
    trial_.measure("p9999", one_.percentile(0.9999) * 1e3);
    trial_.measure("longest", one_.greatest() * 1e3);
    trial_.measure("rate-1", rate_one_);
    trial_.measure("rate-32", rate_many_);
    trial_.measure("p99-32", many_.percentile(0.99) * 1e3);
    trial_.measure("sequential", sequential_ * 1e-6);
    trial_.measure("cpu-per-read", cpu_per_read_ * 1e6);
    trial_.measure("cpu-per-read-32", cpu_per_read_many_ * 1e6);
  }

  assay::Trial& trial_;
  const BlockDevice& device_;
  unsigned block_;
  FailedPlaces failed_;
  Random random_;
  Histogram one_, many_;
  std::vector<Read> slowest_;
  uint64_t planted_ = UINT64_MAX;
  size_t silent_ = 0;
  double rate_one_ = 0, rate_many_ = 0, sequential_ = 0, cpu_per_read_ = 0, cpu_per_read_many_ = 0;
  int slow_places_ = 0, slow_moments_ = 0;
  bool lost_ = false;
};

}  // namespace

void LatencyTest::run(assay::Trial& trial) {
  const BlockDevice device(trial);
  if (device.bytes() < 4096) throw assay::Skip{"not-supported", device.path() + " is smaller than a read of 4 KiB"};
  Latency(trial, device).run();
}

}  // namespace storage
