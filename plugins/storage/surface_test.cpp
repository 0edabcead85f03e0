// storage.surface: reads the device from one end to the other, times each block, and goes on after errors.
#include <assay/ext/artifact.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "failed_places.hpp"
#include "read_ring.hpp"
#include "scan_order.hpp"
#include "surface_map.hpp"
#include "tell_places.hpp"
#include "tests.hpp"

namespace storage {
namespace {

constexpr unsigned block_bytes = 1u << 20, depth = 4, spare = 12;
constexpr size_t most_regions = 64, most_told = 20;
constexpr unsigned most_bad_in_block = 16;

class Surface {
 public:
  Surface(assay::Trial& trial, const BlockDevice& device)
      : trial_(trial),
        device_(device),
        whole_(device.bytes() / device.sector() * device.sector()),
        order_(whole_),
        map_(whole_),
        ring_(device, depth + spare, block_bytes),
        piece_(std::max(4096u, device.sector())),
        read_limit_(trial.real("read-limit")),
        slow_(trial.real("slow")),
        give_up_(static_cast<uint64_t>(trial.integer("give-up"))),
        start_(now()) {}

  void run() {
    const double duration = trial_.real("duration");
    const auto wanted = std::max<uint64_t>(
        1, static_cast<uint64_t>(static_cast<double>(order_.count()) * std::min(1.0, trial_.real("share")) + 0.999));
    uint64_t step = steps_done_before(wanted);
    for (; step < wanted && !over(duration); ++step) {
      if (!read_stretch(order_.begin(step), order_.end(step), duration)) break;
      covered_ += order_.end(step) - order_.begin(step);
      trial_.covered("offset", order_.begin(step), order_.end(step));
      // What was found is told at the end: should this trial not come to its end, the next one must look there again.
      if (bad_.empty() && suspects_.empty()) keep(step + 1);
    }
    if (covered_ + partly_ == 0 && bad_blocks_ == 0 && !silent_) throw assay::Cancelled{};
    report();
    if (!trial_.should_stop()) keep(step);
  }

 private:
  bool over(double duration) const {
    return gave_up_ || trial_.should_stop() || (now() - start_ >= duration && covered_ + partly_ > 0);
  }

  /// False when it was left before its end.
  bool read_stretch(uint64_t begin, uint64_t end, double duration) {
    uint64_t next = begin;
    const uint64_t read_before = bytes_read_;
    double before = now();
    trial_.breadcrumb("reading", begin);
    while (next < end || ring_.in_flight() > 0) {
      const bool leave = over(duration);
      if (leave && ring_.in_flight() == 0) return partly_ += bytes_read_ - read_before, false;
      while (!leave && !gave_up_ && next < end && ring_.in_flight() < depth && ring_.has_free_slot()) {
        const auto bytes = static_cast<unsigned>(std::min<uint64_t>(block_bytes, end - next));
        ring_.submit(next, bytes);
        next += bytes;
      }
      Read done;
      if (ring_.wait(0.5, done)) {
        // Reads wait in line behind each other: a block's own time begins when the one before it is done.
        const double seconds = done.completed - std::max(done.submitted, before);
        before = done.completed;
        take(done, seconds);
        say_progress(duration);
      }
      if (trial_.should_stop() && ring_.in_flight() > 0 && now() - before > 1) {
        ring_.abandon(0);  // not waited for, and not held against the drive
        return partly_ += bytes_read_ - read_before, false;
      }
      ask_again(ring_.abandon(read_limit_));
      if (!ring_.has_free_slot() && ring_.in_flight() == 0) gave_up_ = true;
    }
    return true;
  }

  /// Reads that did not come back: each is asked for alone. One that hangs may only have held up the others; when two
  /// hang again, the drive as a whole has gone silent.
  void ask_again(std::vector<Read> silent) {
    std::sort(silent.begin(), silent.end(), [](const Read& a, const Read& b) { return a.offset < b.offset; });
    std::vector<Read> hanging;
    for (size_t i = 0; i < silent.size() && hanging.size() < 2; ++i) {
      const Read read = silent[i];
      if (!ring_.has_free_slot() || trial_.should_stop()) break;
      trial_.breadcrumb("reading again what did not come back", read.offset);
      ring_.submit(read.offset, read.bytes);
      // Others that were out may come back meanwhile.
      Read done;
      bool answered = false;
      while (!answered && wait_patiently(done)) {
        answered = done.offset == read.offset;
        take(done, 0);
      }
      if (answered) continue;
      if (trial_.should_stop()) break;
      hanging.push_back(read);
      for (const Read& late : ring_.abandon(read_limit_))
        if (late.offset != read.offset) silent.push_back(late);
    }
    if (hanging.size() == 2 || (!silent.empty() && !ring_.has_free_slot())) {
      gave_up_ = silent_ = true;
      ++unreadable_;
      map_.add_unreadable(silent[0].offset, silent[0].bytes);
      trial_.fail("no-answer",
                  "The drive stopped answering while it read about here: " + std::to_string(silent.size()) +
                      " reads did not come back within " + seconds_text() + ", nor when they were asked for again.",
                  device_.place(silent[0].offset));
      // Whoever does not answer at all is not asked five times more.
      trial_.repeated("no-answer", 1, 1);
      return;
    }
    for (Read read : hanging) take_bad(read);
  }

  /// Up to the read limit; when asked to stop, a second.
  bool wait_patiently(Read& done) {
    const double begin = now();
    while (now() - begin < read_limit_) {
      if (ring_.wait(std::min(0.2, read_limit_), done)) return true;
      if (ring_.in_flight() == 0 || (trial_.should_stop() && now() - begin > 1)) return false;
    }
    return false;
  }

  std::string seconds_text() const {
    char text[40];
    std::snprintf(text, sizeof text, "%g s", read_limit_);
    return text;
  }

  /// A rehearsed fault sits in the first block that is read, and shows each time.
  void plant(Read& read) {
    const bool fails = trial_.injects("fail-block"), silent = trial_.injects("silent-block"),
               slow = trial_.injects("slow-block");
    if (!fails && !silent && !slow) return;
    if (planted_ == UINT64_MAX) planted_ = read.offset;
    if (planted_ < read.offset || planted_ >= read.offset + read.bytes) return;
    if (fails) read.error = EIO;
    if (silent) read.error = ETIMEDOUT;
    if (slow) read.completed += 10;
  }

  void take(Read read, double seconds) {
    const double before = read.completed;
    plant(read);
    seconds += read.completed - before;
    longest_ = std::max(longest_, seconds);
    bytes_read_ += read.bytes;
    if (read.error != 0) return take_bad(read);
    map_.add(read.offset, read.bytes, seconds);
    // By the whole time that it was out: several may have been slow at once. Reading it alone will show.
    if (std::max(seconds, read.seconds()) >= slow_)
      suspects_.push_back({read.offset, read.offset + read.bytes, seconds});
    if (suspects_.size() > 1000) suspects_.erase(suspects_.begin());
  }

  void take_bad(const Read& read) {
    map_.add_unreadable(read.offset, read.bytes);
    bad_.push_back(read);
    if (++bad_blocks_ >= give_up_) gave_up_ = true;
  }

  /// Reads one place with nothing else going on: 0, errno (ETIMEDOUT: it did not come back), or nothing when it could
  /// not be asked for.
  std::optional<int> read_alone(uint64_t offset, uint64_t bytes) {
    if (!ring_.has_free_slot() || trial_.should_stop()) return std::nullopt;
    trial_.breadcrumb("reading again what failed", offset);
    ring_.submit(offset, static_cast<unsigned>(bytes));
    Read done;
    if (!wait_patiently(done)) {
      const std::vector<Read> silent = ring_.abandon(0);
      if (trial_.should_stop() || silent.empty()) return std::nullopt;  // not held against the drive
      done = silent[0];
    }
    plant(done);
    return done.error;
  }

  /// Which parts of a bad block it is. Reading them one by one can take seconds each: so only so many.
  void narrow_down(const Read& bad) {
    if (bad.error == ETIMEDOUT) return hanging_.add({bad.offset, bad.bytes, ETIMEDOUT, true});
    unsigned found = 0;
    for (uint64_t at = bad.offset; at < bad.offset + bad.bytes && found < most_bad_in_block; at += piece_) {
      const uint64_t bytes = std::min<uint64_t>(piece_, bad.offset + bad.bytes - at);
      const std::optional<int> error = read_alone(at, bytes);
      if (!error) break;
      if (*error == 0) continue;
      ++found;
      (*error == ETIMEDOUT ? hanging_ : failed_).add({at, bytes, *error, true});
    }
    // Where every part of it can be read, or was not reached, the block as a whole is read again.
    if (found == 0) failed_.add({bad.offset, bad.bytes, bad.error, false});
  }

  void look_again_at_bad() {
    for (const Read& bad : bad_) narrow_down(bad);
    const auto again = [&](const FailedPlace& place) { return read_alone(place.offset, place.bytes); };
    failed_.look_again(again);
    hanging_.look_again(again, 1);  // each time costs the whole read limit, and a buffer
    const auto where = [&](const FailedPlace& place) { return device_.place(place.offset); };
    tell_places(failed_, {"read-error", "read-error-once", "A block cannot be read", "Read", true, true}, trial_,
                where);
    tell_places(hanging_,
                {"no-answer", "no-answer-once", "A read did not come back within " + seconds_text() + ", twice", "Read",
                 false, true},
                trial_, where);
    // Where more were bad than are kept one by one, none of these is forgotten.
    unreadable_ +=
        failed_.standing().size() + hanging_.standing().size() + (failed_.standing().empty() ? 0 : failed_.others());
  }

  /// A slow place is slow again; a slow moment is not.
  void look_again_at_slow() {
    for (const SlowRegion& suspect : suspects_) {
      if (!ring_.has_free_slot() || trial_.should_stop()) break;
      ring_.submit(suspect.first, static_cast<unsigned>(suspect.end - suspect.first));
      Read done;
      if (!wait_patiently(done)) {
        if (trial_.should_stop()) break;
        for (const Read& silent : ring_.abandon(0)) {
          ++unreadable_;
          trial_.fail("no-answer", "A slow place, read again, did not come back within " + seconds_text() + ".",
                      device_.place(silent.offset));
        }
        break;
      }
      plant(done);
      if (done.seconds() < slow_) continue;
      ++slow_blocks_;
      join(regions_, suspect.first, suspect.end - suspect.first, std::max(suspect.longest, done.seconds()),
           most_regions);
    }
    std::sort(regions_.begin(), regions_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const SlowRegion& region : regions_) trial_.failed_at("slow-region", "offset", region.first, region.end);
    if (regions_.size() == most_regions) trial_.failed_on("slow-region", "places that were not kept");
    for (size_t i = 0; i < std::min(most_told, regions_.size()); ++i) {
      const SlowRegion& region = regions_[i];
      char text[200];
      std::snprintf(text, sizeof text, "Reading is slow here, and was again: up to %.0f ms for a MiB, %llu MiB on end.",
                    region.longest * 1e3, static_cast<unsigned long long>((region.end - region.first) >> 20));
      trial_.finding(assay::Severity::marginal, "slow-region", text,
                     "blocks " + std::to_string(device_.block(region.first)) + " to " +
                         std::to_string(device_.block(region.end) - 1) + " of " + device_.path());
    }
  }

  void report() {
    device_.must_not_shrink();
    if (!silent_) {
      look_again_at_bad();
      look_again_at_slow();
    }
    if (gave_up_)
      trial_.finding(assay::Severity::note, "gave-up",
                     silent_ ? "Reading was ended: the drive does not answer any more."
                             : "Reading was ended after " + std::to_string(bad_blocks_) +
                                   " bad MiB: more would only wear the drive and say no more. Save the data first.");
    tell_if_cached(device_, trial_);
    tell_if_grown(device_, trial_);
    write_map();
    const double took = now() - start_;
    trial_.measure("unreadable", static_cast<double>(unreadable_));
    trial_.measure("slow", slow_blocks_);
    trial_.measure("longest", longest_ * 1e3);
    trial_.measure("covered", 100 * static_cast<double>(std::min(whole_, covered_ + partly_)) /
                                  static_cast<double>(device_.most_bytes()));
    trial_.measure("rate", took > 0 ? static_cast<double>(bytes_read_) / took * 1e-6 : 0);
  }

  void write_map() const {
    const auto* artifacts = assay::host_extension<assay_artifact>(ASSAY_EXT_ARTIFACT);
    const int file = artifacts == nullptr ? -1 : artifacts->create("surface-map.json", "application/json");
    if (file < 0) return;
    const std::string text = map_.json();
    if (write(file, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
      assay::log("the map could not be written");
    close(file);
  }

  void say_progress(double duration) {
    if (now() < told_progress_ + 1) return;
    told_progress_ = now();
    const double took = now() - start_, done = static_cast<double>(bytes_read_);
    const double by_bytes = (static_cast<double>(covered_before_) + done) / static_cast<double>(whole_);
    const double left = done > 0 ? took * (static_cast<double>(whole_ - covered_before_) - done) / done : 0;
    char text[120];
    std::snprintf(text, sizeof text, "%.1f GB read, %.0f MB/s, the whole disk in %.0f min", done * 1e-9,
                  done / took * 1e-6, std::max(0.0, left) / 60);
    trial_.progress(std::max(by_bytes, took / std::max(duration, 1e-9)), text);
  }

  /// What earlier trials of this run have read; when they have read all, it begins anew.
  uint64_t steps_done_before(uint64_t wanted) {
    unsigned long long bytes = 0, steps = 0;
    char text[64] = {};
    if (!kept_ || pread(kept_.descriptor(), text, sizeof text - 1, 0) <= 0 ||
        std::sscanf(text, "%llu %llu", &bytes, &steps) != 2 || bytes != whole_ || steps >= wanted)
      return 0;
    for (uint64_t step = 0; step < steps; ++step) covered_ += order_.end(step) - order_.begin(step);
    covered_before_ = covered_;
    return steps;
  }

  void keep(uint64_t steps) const {
    if (!kept_) return;
    char text[64];
    const int size = std::snprintf(text, sizeof text, "%llu %llu\n", static_cast<unsigned long long>(whole_),
                                   static_cast<unsigned long long>(steps));
    if (pwrite(kept_.descriptor(), text, static_cast<size_t>(size), 0) != size)
      assay::log("the place reached could not be kept");
  }

  assay::Trial& trial_;
  const BlockDevice& device_;
  uint64_t whole_;
  ScanOrder order_;
  SurfaceMap map_;
  ReadRing ring_;
  unsigned piece_;
  double read_limit_, slow_;
  uint64_t give_up_;
  double start_, told_progress_ = 0, longest_ = 0;
  const assay::Kept kept_;
  uint64_t covered_ = 0, covered_before_ = 0, partly_ = 0, bytes_read_ = 0, bad_blocks_ = 0, unreadable_ = 0;
  uint64_t planted_ = UINT64_MAX;  // where a rehearsed fault sits
  int slow_blocks_ = 0;
  bool gave_up_ = false, silent_ = false;
  std::vector<Read> bad_;
  FailedPlaces failed_, hanging_;
  std::vector<SlowRegion> suspects_, regions_;
};

}  // namespace

void SurfaceTest::run(assay::Trial& trial) {
  const BlockDevice device(trial);
  Surface(trial, device).run();
}

}  // namespace storage
