// storage.verify: writes a file of its own, twice over, and reads it back at random and in order. Every sector says
// where it belongs and of which writing it is, so that what is wrong tells how it came to be wrong.
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

#include "fault_log.hpp"
#include "fault_report.hpp"
#include "medium.hpp"
#include "read_ring.hpp"
#include "sector_tag.hpp"
#include "shuffle.hpp"
#include "tests.hpp"

namespace storage {
namespace {

constexpr uint64_t mib = 1 << 20;
constexpr uint64_t likely_cache = 512 * mib;
constexpr size_t most_told_errors = 10;

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
    if (verified_ == 0 && read_errors_ + write_errors_ == 0) throw assay::Cancelled{};
    report();
  }

 private:
  double spent() const { return (now() - start_) / duration_; }
  uint64_t bytes() const { return chunks() * chunk_; }
  uint64_t chunks() const { return generation_.size(); }
  uint64_t last() const { return chunks() - 1; }

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
    if (write_errors_ > 0) throw Stopped{};
    throw assay::Skip{fault == ENOSPC ? "no-space" : "not-supported",
                      fault == ENOSPC ? "the space ran out in mid-test" : "it has become read-only in mid-test"};
  }

  void take_write_error(int fault, uint64_t chunk) {
    if (fault == 0) return;
    stop_if_no_more(fault);
    generation_[chunk] = 0;  // nobody knows what is there now
    if (++write_errors_ <= most_told_errors)
      trial_.fail("write-error", std::string("A block cannot be written: ") + std::strerror(fault) + ".",
                  medium_.place(chunk * chunk_));
  }

  void flush() {
    const int fault = medium_.flush();
    if (fault == 0) return;
    stop_if_no_more(fault);
    ++write_errors_;
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
      if (std::find(still.begin(), still.end(), offset) == still.end() && ++wrong_once_ <= most_told_errors)
        trial_.fail("wrong-once",
                    "A sector was read wrongly, and rightly when it was read again: it was spoiled on its way (cable, "
                    "controller, memory).",
                    medium_.place(offset));
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

  void take_read_error(int fault, uint64_t chunk) {
    if (++read_errors_ <= most_told_errors)
      trial_.fail("read-error", std::string("A block cannot be read: ") + std::strerror(fault) + ".",
                  medium_.place(chunk * chunk_));
  }

  void say_progress(const char* doing, double fraction) {
    if (now() < told_ + 1) return;
    told_ = now();
    trial_.progress(std::max(fraction, spent()), doing);
  }

  void report() {
    // The second pass reads the same places again; what only it has met came later, and counts as well.
    const FaultLog& log = log_.count() >= second_.count() ? log_ : second_;
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
    tell_regions(log, wraps.has_value(), medium_, trial_);
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
    trial_.measure("wrong-once", static_cast<double>(wrong_once_));
    trial_.measure("errors", static_cast<double>(read_errors_ + write_errors_));
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
  size_t read_errors_ = 0, write_errors_ = 0, wrong_once_ = 0;
  bool first_pass_ = true;
  FaultLog log_, second_;
};

}  // namespace

void VerifyTest::run(assay::Trial& trial) {
  Medium medium(trial, Medium::Kind::scratch);
  Verify(trial, medium).run();
}

}  // namespace storage
