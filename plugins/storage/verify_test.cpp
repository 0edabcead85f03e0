// storage.verify: writes a file of its own, twice over, and reads it back at random and in order. Every sector says
// where it belongs and of which writing it is, so that what is wrong tells how it came to be wrong.
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

#include "failed_places.hpp"
#include "fault_log.hpp"
#include "fault_report.hpp"
#include "medium.hpp"
#include "read_ring.hpp"
#include "sector_tag.hpp"
#include "shuffle.hpp"
#include "tell_places.hpp"
#include "tests.hpp"

namespace storage {
namespace {

constexpr uint64_t mib = 1 << 20;
constexpr uint64_t likely_cache = 512 * mib;

/// Something failed, and the rest cannot be written any more.
struct Stopped {};

class Verify {
 public:
  Verify(assay::Trial& trial, Medium& medium)
      : trial_(trial),
        medium_(medium),
        chunk_(medium.bytes() < 64 * mib ? 64 << 10 : mib),
        most_chunks_(std::min(static_cast<uint64_t>(trial.integer("size")) * mib, medium.bytes()) / chunk_),
        buffer_(chunk_),
        duration_(trial.real("duration")),
        start_(now()) {
    if (most_chunks_ < 4)
      throw assay::Skip{"no-space", "there is room for " + std::to_string(most_chunks_ * chunk_) + " bytes only"};
  }

  void run() {
    try {
      write_first();
      write_again();
    } catch (const Stopped&) {
      trial_.finding(assay::Severity::note, "ended-early", "After what failed, nothing more could be written.");
    }
    medium_.reopen();
    const double written = now();
    write_rate_ = static_cast<double>(bytes_written_) / (written - start_) * 1e-6;
    read_back();
    read_rate_ = static_cast<double>(bytes_read_) / std::max(1e-9, now() - written) * 1e-6;
    if (verified_ == 0 && errors() == 0) throw assay::Cancelled{};
    medium_.must_not_shrink();
    report();
  }

 private:
  double spent() const { return (now() - start_) / duration_; }
  uint64_t bytes() const { return chunks() * chunk_; }
  uint64_t chunks() const { return generation_.size(); }
  uint64_t last() const { return chunks() - 1; }
  size_t errors() const { return unread_.count() + unwritten_.count() + flush_errors_; }

  void write_first() {
    // A device that is slow gets a smaller file: a third of the time is for this.
    while (chunks() < most_chunks_ && (spent() < 0.3 || chunks() < 4) && !trial_.should_stop()) {
      generation_.push_back(1);
      const int fault = write_chunk(last());
      if (fault == ENOSPC) {
        generation_.pop_back();
        break;
      }
      take_write_error(fault, last());
      say_progress("writing", 0.3 * static_cast<double>(chunks()) / static_cast<double>(most_chunks_));
    }
    if (chunks() < 4 && !trial_.should_stop())
      throw assay::Skip{"no-space", "the space ran out after " + std::to_string(bytes()) + " bytes"};
    flush();
  }

  void write_again() {
    for (uint64_t i = 0; i < chunks() && !trial_.should_stop() && (spent() < 0.7 || i < 4); ++i) {
      generation_[i] = 2;
      take_write_error(write_chunk(i), i);
      say_progress("writing again", 0.3 + 0.3 * static_cast<double>(i) / static_cast<double>(chunks()));
    }
    flush();
  }

  void read_back() {
    const Shuffle order(chunks(), trial_.seed());
    for (uint64_t i = 0; i < chunks() && !trial_.should_stop() && (spent() < 1 || i < 4); ++i) {
      check_chunk(order[i]);
      say_progress("reading at random", 0.6 + 0.2 * static_cast<double>(i) / static_cast<double>(chunks()));
    }
    first_pass_ = false;
    for (uint64_t i = 0; i < chunks() && !trial_.should_stop() && spent() < 1; ++i) {
      check_chunk(i);
      say_progress("reading in order", 0.8 + 0.2 * static_cast<double>(i) / static_cast<double>(chunks()));
    }
  }

  /// Where a chunk lies: a rehearsed counterfeit holds only half of what it claims.
  uint64_t place_of(uint64_t chunk) const {
    const uint64_t half = std::max<uint64_t>(1, most_chunks_ / 2);
    return (trial_.injects("wrap") ? chunk % half : chunk) * chunk_;
  }

  int write_chunk(uint64_t chunk) {
    const uint64_t offset = chunk * chunk_, generation = generation_[chunk];
    if (chunk % 16 == 0) trial_.breadcrumb(generation == 1 ? "writing" : "writing again", offset);
    fill(buffer_.data(), chunk_, {offset, generation, trial_.seed(), nonce_});
    uint64_t place = place_of(chunk);
    if (generation == 2 && chunk == last()) {
      if (trial_.injects("lose-write")) return 0;
      if (trial_.injects("misdirect-write")) place = 0;
      if (trial_.injects("flip-bit")) buffer_.data()[4096 + 77] ^= 0x10;
      if (trial_.injects("tear-write")) {
        PageBuffer old(chunk_);
        fill(old.data(), chunk_, {offset, 1, trial_.seed(), nonce_});
        std::memcpy(buffer_.data() + 4096 + 200, old.data() + 4096 + 200, sector_bytes - 200);
      }
    }
    const int fault = medium_.write(place, buffer_.data(), chunk_);
    if (fault == 0) bytes_written_ += chunk_;
    return fault;
  }

  /// After a failed write a file system may turn read-only: then the failure is what counts.
  void stop_if_no_more(int fault) const {
    if (fault != ENOSPC && fault != EROFS) return;
    if (unwritten_.count() + flush_errors_ > 0) throw Stopped{};
    throw assay::Skip{fault == ENOSPC ? "no-space" : "not-supported",
                      fault == ENOSPC ? "the space ran out in mid-test" : "it has become read-only in mid-test"};
  }

  void take_write_error(int fault, uint64_t chunk) {
    if (fault == 0) return;
    stop_if_no_more(fault);
    generation_[chunk] = 0;  // nobody knows what is there now
    unwritten_.add({chunk * chunk_, chunk_, fault});
  }

  void flush() {
    const int fault = medium_.flush();
    if (fault == 0) return;
    stop_if_no_more(fault);
    ++flush_errors_;
    trial_.fail("flush-error",
                std::string("The device does not confirm what was written: ") + std::strerror(fault) + ".");
  }

  int read_chunk(uint64_t chunk) {
    const int fault = medium_.read(place_of(chunk), buffer_.data(), chunk_);
    if (fault == 0) bytes_read_ += chunk_;
    return fault;
  }

  void check_chunk(uint64_t chunk) {
    if (generation_[chunk] == 0) return;
    if (chunk % 16 == 0) trial_.breadcrumb("reading back", chunk * chunk_);
    if (const int fault = read_chunk(chunk); fault != 0) return take_read_error(fault, chunk);
    if (chunk == last() && first_pass_ && trial_.injects("flip-read")) buffer_.data()[8192 + 5] ^= 0x80;
    if (first_pass_) ++verified_;
    const std::vector<uint64_t> wrong = wrong_sectors(chunk, nullptr);
    if (wrong.empty()) return;
    // Read once more: what is right now was spoiled on its way, not on the medium.
    if (const int fault = read_chunk(chunk); fault != 0) return take_read_error(fault, chunk);
    FaultLog& log = first_pass_ ? log_ : second_;
    const std::vector<uint64_t> still = wrong_sectors(chunk, &log);
    for (const uint64_t offset : wrong)
      if (std::find(still.begin(), still.end(), offset) == still.end()) wrong_once_.add({offset, sector_bytes, EIO});
  }

  std::vector<uint64_t> wrong_sectors(uint64_t chunk, FaultLog* log) const {
    std::vector<uint64_t> wrong;
    for (uint64_t at = 0; at < chunk_; at += sector_bytes) {
      const uint64_t offset = chunk * chunk_ + at;
      const SectorVerdict verdict = judge(buffer_.data() + at, {offset, generation_[chunk], trial_.seed(), nonce_});
      if (verdict.fault == Fault::none) continue;
      wrong.push_back(offset);
      if (log != nullptr) log->add(offset, verdict);
    }
    return wrong;
  }

  void take_read_error(int fault, uint64_t chunk) { unread_.add({chunk * chunk_, chunk_, fault}); }

  /// Reads the sector's chunk once more: true when the sector is wrong, or the chunk cannot be read.
  std::optional<bool> is_wrong(uint64_t offset) {
    const uint64_t chunk = offset / chunk_;
    if (trial_.should_stop() || chunk >= chunks()) return std::nullopt;
    if (read_chunk(chunk) != 0) return true;
    return judge(buffer_.data() + offset % chunk_, {offset, generation_[chunk], trial_.seed(), nonce_}).fault !=
           Fault::none;
  }

  /// Each failure is looked for again where it was, and nowhere else: writing all of it again would wear the device.
  void look_again_at_failed() {
    unread_.look_again([&](const FailedPlace& place) -> std::optional<int> {
      if (trial_.should_stop()) return std::nullopt;
      return read_chunk(place.offset / chunk_);
    });
    wrong_once_.look_again([&](const FailedPlace& place) -> std::optional<int> {
      const std::optional<bool> wrong = is_wrong(place.offset);
      return wrong ? std::optional<int>(*wrong ? EIO : 0) : std::nullopt;
    });
    regions_ = look_again(log(), [&](uint64_t offset) { return is_wrong(offset); });
    // Last, since it changes what is there.
    unwritten_.look_again([&](const FailedPlace& place) -> std::optional<int> {
      if (trial_.should_stop()) return std::nullopt;
      const uint64_t chunk = place.offset / chunk_;
      fill(buffer_.data(), chunk_, {place.offset, 2, trial_.seed(), nonce_});
      const int fault = medium_.write(place_of(chunk), buffer_.data(), chunk_);
      return fault == ENOSPC || fault == EROFS ? std::nullopt : std::optional<int>(fault);
    });
  }

  void tell_failed() const {
    const auto where = [&](const FailedPlace& place) { return medium_.place(place.offset); };
    tell_places(unwritten_, {"write-error", nullptr, "A block cannot be written", "Written"}, trial_, where);
    tell_places(unread_, {"read-error", nullptr, "A block cannot be read", "Read"}, trial_, where);
    tell_places(wrong_once_,
                {"wrong-once", nullptr,
                 "A sector was read wrongly, and rightly when it was read again: it was spoiled on its way (cable, "
                 "controller, memory)",
                 "Read", false},
                trial_, where);
  }

  /// The second pass reads the same places again; what only it has met came later, and counts as well.
  const FaultLog& log() const { return log_.count() >= second_.count() ? log_ : second_; }

  void say_progress(const char* doing, double fraction) {
    if (now() < told_ + 1) return;
    told_ = now();
    trial_.progress(std::max(fraction, spent()), doing);
  }

  void report() {
    const FaultLog& log = this->log();
    const auto wraps = log.wraps_at(chunk_, [&](uint64_t offset) {
      const uint64_t chunk = offset / chunk_;
      return chunk < chunks() && read_chunk(chunk) == 0 &&
             judge(buffer_.data() + offset % chunk_, {offset, generation_[chunk], trial_.seed(), nonce_}).fault ==
                 Fault::none;
    });
    if (wraps)
      trial_.fail("wrap-around",
                  "Addresses begin again after " + std::to_string(*wraps) +
                      " bytes: what is written beyond lies here, too. The device has less room than it says.",
                  medium_.place(0));
    look_again_at_failed();
    tell_failed();
    tell_regions(log, regions_, wraps.has_value(), medium_, trial_);
    // The worst of what wraps stands for the wrap-around.
    if (wraps && !regions_.empty() && regions_[0].again.repeats > 0)
      trial_.repeated("wrap-around", regions_[0].again.repeats, regions_[0].again.seen);
    tell_if_cached(medium_, trial_);
    if (trial_.target_attribute("stand_in") != "1" && bytes() < likely_cache)
      trial_.finding(assay::Severity::note, "small",
                     "Only " + std::to_string(bytes() / mib) +
                         " MiB were written: the device's own memory may have answered for the medium.");
    trial_.measure("flipped", static_cast<double>(log.count(Fault::flipped)));
    trial_.measure("lost", static_cast<double>(log.count(Fault::lost)));
    trial_.measure("misdirected", static_cast<double>(log.count(Fault::misdirected)));
    trial_.measure("torn", static_cast<double>(log.count(Fault::torn)));
    trial_.measure("corrupt", static_cast<double>(log.count(Fault::garbage)));
    trial_.measure("wrong-once", static_cast<double>(wrong_once_.count()));
    trial_.measure("errors", static_cast<double>(errors()));
    trial_.measure("written", static_cast<double>(bytes()) * 1e-6);
    trial_.measure("verified", 100 * static_cast<double>(verified_) / static_cast<double>(chunks()));
    trial_.measure("write-rate", write_rate_);
    trial_.measure("read-rate", read_rate_);
  }

  assay::Trial& trial_;
  Medium& medium_;
  const uint64_t nonce_ = new_nonce();
  uint64_t chunk_, most_chunks_;
  PageBuffer buffer_;
  double duration_, start_, told_ = 0, write_rate_ = 0, read_rate_ = 0;
  std::vector<uint8_t> generation_;  // by chunk; 0: not known
  uint64_t bytes_written_ = 0, bytes_read_ = 0, verified_ = 0;
  size_t flush_errors_ = 0;
  bool first_pass_ = true;
  FaultLog log_, second_;
  std::vector<RegionAgain> regions_;
  FailedPlaces unread_, unwritten_, wrong_once_;
};

}  // namespace

void VerifyTest::run(assay::Trial& trial) {
  Medium medium(trial, Medium::Kind::scratch);
  Verify(trial, medium).run();
}

}  // namespace storage
