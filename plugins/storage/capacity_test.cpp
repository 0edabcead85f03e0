// storage.capacity: how much a stick or card really holds. Overwrites it.
//
// A counterfeit announces more than it has. Beyond its real size it either begins again at its start (wrap-around) or
// loses what is written (limbo). The quick way writes small pieces all over the device, then one long run at its start
// that is larger than any cache, and reads both back. Reading one block in every so many bytes as the run is long must
// meet the run again if addresses wrap, and the tag that is met there tells at which size. The full way writes and
// reads all of it.
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <set>
#include <vector>

#include "failed_places.hpp"
#include "fault_log.hpp"
#include "fault_report.hpp"
#include "medium.hpp"
#include "read_ring.hpp"
#include "sector_tag.hpp"
#include "shuffle.hpp"
#include "stick.hpp"
#include "tell_places.hpp"
#include "tests.hpp"

namespace storage {
namespace {

constexpr uint64_t mib = 1 << 20;
constexpr uint64_t probe_bytes = 64 << 10;
constexpr uint64_t most_probes = 1024, refining_probes = 16;
constexpr size_t most_errors = 64;

/// So many blocks fail that its size cannot be found out.
struct Hopeless {};
/// The time is over.
struct TimeOut {};

std::string size_text(uint64_t bytes) {
  char text[60];
  if (bytes >= 1000 * mib)
    std::snprintf(text, sizeof text, "%.2f GB", static_cast<double>(bytes) * 1e-9);
  else
    std::snprintf(text, sizeof text, "%.1f MB", static_cast<double>(bytes) * 1e-6);
  return text;
}

class Capacity {
 public:
  Capacity(assay::Trial& trial, Medium& medium)
      : trial_(trial),
        stick_(trial, medium),
        run_(std::max(mib,
                      std::min(static_cast<uint64_t>(trial.integer("cache")) * mib, medium.bytes() / 4 / mib * mib))),
        buffer_(mib),
        duration_(trial.real("duration")),
        start_(now()) {
    if (medium.bytes() < 4 * mib) throw assay::Skip{"not-supported", "it holds less than 4 MiB"};
  }

  void run() {
    try {
      trial_.text("mode") == "full" ? check_all() : check_quickly();
    } catch (const Hopeless&) {
      hopeless_ = true;
      trial_.finding(assay::Severity::note, "gave-up",
                     "So many blocks cannot be written or read that its size could not be found out.");
    } catch (const TimeOut&) {
      if (log_.count() + errors() == 0)
        throw std::runtime_error("the time did not suffice, so nothing is known; give more with --duration");
      hopeless_ = true;
      trial_.finding(assay::Severity::note, "gave-up", "The time ended before its size was found out.");
    }
    report();
  }

 private:
  void check_quickly() {
    write_probes();
    write_run();
    stick_.medium().reopen();
    check_run();
    look_for_the_run();
    check_probes();
    find_wrap();
    try {
      if (is_limbo()) narrow_down();
    } catch (const TimeOut&) {
      // What is known is told, with wider bounds.
    }
  }

  /// In order, so that where addresses wrap it is always the later that lies over the earlier.
  void check_all() {
    for (uint64_t at = 0; at < stick_.bytes(); at += mib) write(at, piece_at(at), 1, "writing all of it", 0.5);
    flush();
    stick_.medium().reopen();
    const uint64_t pieces = (stick_.bytes() + mib - 1) / mib;
    const Shuffle order(pieces, trial_.seed());
    for (uint64_t i = 0; i < pieces; ++i)
      check(order[i] * mib, piece_at(order[i] * mib), 1, "reading it back", 0.5, 0.5);
    find_wrap();
  }

  uint64_t piece_at(uint64_t offset) const { return std::min(mib, stick_.bytes() - offset); }

  uint64_t probes() const { return std::min(most_probes, (stick_.bytes() - run_) / probe_bytes); }
  /// Spread evenly from the end of the run to the end of the device.
  uint64_t probe(uint64_t i) const {
    const uint64_t last = (stick_.bytes() - probe_bytes) / Medium::piece * Medium::piece;
    if (i + 1 == probes()) return last;
    return run_ + (last - run_) / (probes() - 1) * i / Medium::piece * Medium::piece;
  }

  void write_probes() {
    const Shuffle order(probes(), trial_.seed());
    for (uint64_t i = 0; i < probes(); ++i) write(probe(order[i]), probe_bytes, 1, "writing probes", 0.2);
  }

  void write_run() {
    for (uint64_t at = 0; at < run_; at += mib) write(at, mib, generation_, "writing more than any cache", 0.3, 0.2);
    flush();
  }

  void check_run() {
    for (uint64_t at = 0; at < run_; at += mib) check(at, mib, generation_, "reading it back", 0.2, 0.5);
  }

  /// A wrapped address in every so many bytes must lie in the run.
  void look_for_the_run() {
    for (uint64_t at = run_; at + Medium::piece <= stick_.bytes(); at += run_) {
      stop_in_time();
      if (stick_.read(at, buffer_.data(), Medium::piece) != 0) continue;  // what a probe there says is told
      const SectorVerdict seen = judge(buffer_.data(), {at, 1, trial_.seed(), nonce_});
      if (seen.fault == Fault::misdirected && seen.belongs < run_) log_.add(at, seen);
    }
  }

  void check_probes() {
    const Shuffle order(probes(), trial_.seed() + 1);
    for (uint64_t i = 0; i < probes(); ++i) check(probe(order[i]), probe_bytes, 1, "reading probes", 0.3, 0.7);
  }

  /// Between the last probe that is there and the first that is lost: more probes, and the run again to drive them out
  /// of any cache.
  void narrow_down() {
    for (int round = 0; round < 4 && lost_from_ - good_until_ > mib; ++round) {
      const uint64_t low = good_until_, high = lost_from_;
      std::vector<uint64_t> places;
      for (uint64_t i = 1; i <= refining_probes; ++i)
        places.push_back((low + (high - low) / (refining_probes + 1) * i) / probe_bytes * probe_bytes);
      ++generation_;
      for (const uint64_t at : places) write(at, probe_bytes, generation_, "looking for the real end", 0);
      write_run();
      stick_.medium().reopen();
      FaultLog seen;
      for (const uint64_t at : places) check(at, probe_bytes, generation_, "looking for the real end", 0, 0, &seen);
      if (good_until_ == low && lost_from_ == high) return;
    }
  }

  void write(uint64_t at, uint64_t bytes, uint64_t generation, const char* doing, double share, double from = 0) {
    stop_in_time();
    say_progress(doing, at, share, from);
    fill(buffer_.data(), bytes, {at, generation, trial_.seed(), nonce_});
    const int fault = stick_.write(at, buffer_.data(), bytes);
    if (fault == 0) return;
    if (fault == EROFS || (fault == ENOSPC && stick_.medium().is_file()))
      throw assay::Skip{fault == ENOSPC ? "no-space" : "not-supported",
                        fault == ENOSPC ? "the disk that holds this file is full" : "it has become read-only"};
    unwritten_.insert(at);
    not_written_.add({at, bytes, fault});
    give_up_if_hopeless();
  }

  void flush() {
    if (const int fault = stick_.medium().flush(); fault != 0) {
      ++flush_errors_;
      trial_.fail("flush-error",
                  std::string("The device does not confirm what was written: ") + std::strerror(fault) + ".");
    }
  }

  void check(uint64_t at, uint64_t bytes, uint64_t generation, const char* doing, double share, double from,
             FaultLog* log = nullptr) {
    stop_in_time();
    if (unwritten_.count(at) > 0) return;  // it was told, and nobody knows what is there
    say_progress(doing, at, share, from);
    if (const int fault = stick_.read(at, buffer_.data(), bytes); fault != 0) {
      not_read_.add({at, bytes, fault});
      return give_up_if_hopeless();
    }
    checked_ += bytes;
    for (uint64_t i = 0; i < bytes; i += sector_bytes) {
      const SectorVerdict verdict = judge(buffer_.data() + i, {at + i, generation, trial_.seed(), nonce_});
      (log != nullptr ? *log : log_).add(at + i, verdict);
      if (verdict.fault == Fault::none) good_until_ = std::max(good_until_, at + i + sector_bytes);
      const bool there =
          verdict.fault == Fault::none || verdict.fault == Fault::flipped || verdict.fault == Fault::torn;
      if (!there) lost_from_ = std::min(lost_from_, at + i);
    }
  }

  void give_up_if_hopeless() const {
    if (errors() >= most_errors) throw Hopeless{};
  }

  size_t errors() const { return not_written_.count() + not_read_.count() + flush_errors_; }

  void stop_in_time() const {
    if (now() - start_ > duration_) throw TimeOut{};
    if (trial_.should_stop()) throw assay::Cancelled{};
  }

  void say_progress(const char* doing, uint64_t at, double share, double from) {
    if (now() < told_ + 0.5) return;
    told_ = now();
    trial_.breadcrumb(doing, at);
    trial_.progress(from + share * static_cast<double>(at) / static_cast<double>(stick_.bytes()), doing);
  }

  void find_wrap() {
    wraps_at_ = log_.wraps_at(mib, [&](uint64_t offset) {
      const uint64_t page = offset / Medium::piece * Medium::piece;
      return stick_.read(page, buffer_.data(), Medium::piece) == 0 &&
             judge(buffer_.data() + (offset - page), {offset, 1, trial_.seed(), nonce_}).fault == Fault::none;
    });
  }

  /// Everything up to some place is there, and nothing beyond.
  bool is_limbo() const { return !hopeless_ && !wraps_at_ && lost_from_ < UINT64_MAX && lost_from_ >= good_until_; }

  /// What has been shown to be there: bytes, at least and at most.
  std::pair<uint64_t, uint64_t> real_size() const {
    if (hopeless_) return {0, stick_.bytes()};
    if (wraps_at_) return {*wraps_at_, *wraps_at_};
    if (is_limbo()) return {good_until_, lost_from_};
    return {stick_.bytes(), stick_.bytes()};
  }

  /// Each failure is looked for again where it was: writing everything again would wear the device and say no more.
  void look_again_at_failed() {
    regions_ = look_again(log_, [&](uint64_t offset) -> std::optional<bool> {
      if (trial_.should_stop()) return std::nullopt;
      const uint64_t page = offset / Medium::piece * Medium::piece;
      if (stick_.read(page, buffer_.data(), Medium::piece) != 0) return true;
      return judge(buffer_.data() + (offset - page), {offset, 1, trial_.seed(), nonce_}).fault != Fault::none;
    });
    not_read_.look_again([&](const FailedPlace& place) -> std::optional<int> {
      if (trial_.should_stop()) return std::nullopt;
      return stick_.read(place.offset, buffer_.data(), place.bytes);
    });
    // Last, since it changes what is there.
    not_written_.look_again([&](const FailedPlace& place) -> std::optional<int> {
      if (trial_.should_stop()) return std::nullopt;
      fill(buffer_.data(), place.bytes, {place.offset, 1, trial_.seed(), nonce_});
      const int fault = stick_.write(place.offset, buffer_.data(), place.bytes);
      return fault == ENOSPC || fault == EROFS ? std::nullopt : std::optional<int>(fault);
    });
  }

  void tell_failed() const {
    const auto where = [&](const FailedPlace& place) { return stick_.place(place.offset); };
    tell_places(not_written_, {"write-error", nullptr, "A block cannot be written", "Written"}, trial_, where);
    tell_places(not_read_, {"read-error", nullptr, "A block cannot be read", "Read"}, trial_, where);
  }

  void report() {
    stick_.medium().must_not_shrink();
    look_again_at_failed();
    const auto [least, most] = real_size();
    const bool wraps = wraps_at_.has_value(), limbo = is_limbo();
    const std::string claim = "It claims " + size_text(stick_.bytes()) + " and holds ";
    if (wraps)
      trial_.fail("wrap-around", claim + size_text(least) +
                                     ": beyond that its addresses begin again at the start, and what is written there "
                                     "destroys what is there. It is a counterfeit, or its controller is broken.");
    if (limbo)
      trial_.fail("limbo", claim + (least == most ? size_text(least) : size_text(least) + " to " + size_text(most)) +
                               ": what is written beyond is lost. It is a counterfeit, or its controller is broken.");
    // Lost sectors are the limbo; whatever else is wrong is told place by place.
    if (!limbo) tell_regions(log_, regions_, wraps, stick_.medium(), trial_);
    if ((wraps || limbo) && !regions_.empty() && regions_[0].again.repeats > 0)
      trial_.repeated(wraps ? "wrap-around" : "limbo", regions_[0].again.repeats, regions_[0].again.seen);
    tell_failed();
    tell_if_cached(stick_.medium(), trial_);
    tell_if_grown(stick_.medium(), trial_);
    trial_.measure("missing", static_cast<double>(stick_.bytes() - least) / static_cast<double>(stick_.bytes()) * 100);
    trial_.measure("wrong", static_cast<double>(wraps || limbo ? 0 : log_.count()));
    trial_.measure("errors", static_cast<double>(errors()));
    trial_.measure("claimed", static_cast<double>(stick_.bytes()) * 1e-6);
    trial_.measure("real", static_cast<double>(least) * 1e-6);
    trial_.measure("checked", 100 * std::min(1.0, static_cast<double>(checked_) / static_cast<double>(stick_.bytes())));
  }

  assay::Trial& trial_;
  Stick stick_;
  const uint64_t nonce_ = new_nonce();
  uint64_t run_;
  PageBuffer buffer_;
  double duration_, start_, told_ = 0;
  uint64_t generation_ = 1, checked_ = 0, good_until_ = 0, lost_from_ = UINT64_MAX;
  std::optional<uint64_t> wraps_at_;
  size_t flush_errors_ = 0;
  FailedPlaces not_written_, not_read_;
  std::set<uint64_t> unwritten_;  // where pieces begin that could not be written
  bool hopeless_ = false;
  FaultLog log_;
  std::vector<RegionAgain> regions_;
};

}  // namespace

void CapacityTest::run(assay::Trial& trial) {
  Medium medium(trial, Medium::Kind::device);
  Capacity(trial, medium).run();
}

}  // namespace storage
