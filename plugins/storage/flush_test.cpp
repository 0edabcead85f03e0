// storage.flush: how long the device takes to confirm that what was written is safe, and whether it costs it anything.
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "histogram.hpp"
#include "medium.hpp"
#include "random.hpp"
#include "read_ring.hpp"
#include "sector_tag.hpp"
#include "tests.hpp"

namespace storage {
namespace {

constexpr uint64_t mib = 1 << 20;
/// No disk with platters puts data on them in less: even at 15,000 turns a minute a half turn takes 2 ms.
constexpr double least_of_platters = 0.0005;

/// Something failed, and the rest cannot be written any more.
struct Stopped {};

class Flush {
 public:
  Flush(assay::Trial& trial, Medium& medium)
      : trial_(trial), medium_(medium), page_(Medium::piece), random_(trial.seed()) {}

  void run() {
    try {
      measure();
    } catch (const Stopped&) {
      trial_.finding(assay::Severity::note, "ended-early", "After what failed, nothing more could be written.");
    }
    report();
  }

 private:
  void measure() {
    lay_out();
    const double duration = trial_.real("duration"), start = now();
    // By turns, so that whatever else the machine does meets both alike.
    for (uint64_t number = 0; !trial_.should_stop() && (number < 20 || now() < start + duration); ++number) {
      write_only();
      write_and_flush(number);
      if (number % 64 == 0) trial_.progress((now() - start) / duration, "writing and flushing");
    }
    if (flushes_.count() == 0) throw assay::Cancelled{};
  }

  /// Written once before, so that what is timed changes no file system's books.
  void lay_out() {
    pages_ = std::min<uint64_t>(16 * mib, medium_.bytes()) / Medium::piece;
    for (uint64_t i = 0; i < pages_; ++i) {
      const int fault = write_page(i, 1);
      if (fault == ENOSPC) {
        pages_ = i;
        break;
      }
      if (fault != 0) return take(fault, "A block cannot be written", "write-error");
    }
    if (pages_ < 16) throw assay::Skip{"no-space", "there is no room for 64 KiB"};
    take(medium_.flush(), "The device does not confirm what was written", "flush-error");
  }

  int write_page(uint64_t page, uint64_t generation) {
    fill(page_.data(), Medium::piece, {page * Medium::piece, generation, trial_.seed(), nonce_});
    return medium_.write(page * Medium::piece, page_.data(), Medium::piece);
  }

  void write_only() {
    const double start = now();
    take(write_page(random_.next() % pages_, 2), "A block cannot be written", "write-error");
    writes_.add(now() - start);
  }

  void write_and_flush(uint64_t number) {
    take(write_page(random_.next() % pages_, 2), "A block cannot be written", "write-error");
    trial_.breadcrumb("flushing", number);
    const double start = now();
    int fault = medium_.flush();
    double seconds = now() - start;
    if (trial_.injects("free-flush")) seconds = 1e-6;
    if (number == 3 && trial_.injects("slow-flush")) seconds += 30;
    if (number == 3 && trial_.injects("fail-flush")) fault = EIO;
    take(fault, "The device does not confirm what was written", "flush-error");
    flushes_.add(seconds);
  }

  void take(int fault, const char* what, const char* code) {
    if (fault == 0) return;
    // After a failed write a file system may turn read-only: then the failure is what counts.
    if (fault == ENOSPC || fault == EROFS) {
      if (errors_ > 0) throw Stopped{};
      throw assay::Skip{fault == ENOSPC ? "no-space" : "not-supported",
                        fault == ENOSPC ? "the space ran out in mid-test" : "it has become read-only in mid-test"};
    }
    if (++errors_ <= 10) trial_.fail(code, std::string(what) + ": " + std::strerror(fault) + ".");
  }

  void report() {
    medium_.must_not_shrink();
    tell_if_cached(medium_, trial_);
    const double median = flushes_.percentile(0.5), write = writes_.percentile(0.5);
    // A virtual machine calls disks rotating that are not, and its host may well keep data safe in its own memory; and
    // to a device that speaks of no write cache (most USB adapters) Linux sends no flush at all.
    const bool sent = trial_.target_attribute("write_cache") != "write through";
    const bool platters = (trial_.target_attribute("rotational") == "1" && trial_.target_attribute("virtual") != "1" &&
                           trial_.target_attribute("write_cache") == "write back") ||
                          trial_.injects("free-flush");
    char text[240];
    std::snprintf(text, sizeof text, "A flush takes %.0f µs (median); a write without one %.0f µs.", median * 1e6,
                  write * 1e6);
    if (platters && median < least_of_platters)
      trial_.finding(assay::Severity::marginal, "flush-ignored",
                     std::string(text) +
                         " No disk with platters is so quick: the disk, or an adapter before it, says that data are "
                         "safe which are not. A power cut can lose them.");
    else if (!sent)
      trial_.finding(
          assay::Severity::note, "flush-not-sent",
          "The device speaks of no write cache, so Linux sends it no flushes: whether it has one that a power "
          "cut empties is not known.");
    else if (median < 0.1 * write)
      trial_.finding(assay::Severity::note, "flush-free",
                     std::string(text) +
                         " Flushes cost nothing here: either the device keeps its data safe without them, or something "
                         "in between leaves them out.");
    trial_.measure("errors", errors_);
    trial_.measure("flushes", static_cast<double>(flushes_.count()));
    trial_.measure("median", median * 1e3);
    trial_.measure("p99", flushes_.percentile(0.99) * 1e3);
    trial_.measure("longest", flushes_.greatest() * 1e3);
    trial_.measure("write-median", write * 1e3);
  }

  assay::Trial& trial_;
  Medium& medium_;
  const uint64_t nonce_ = new_nonce();
  PageBuffer page_;
  Random random_;
  Histogram flushes_, writes_;
  uint64_t pages_ = 0;
  int errors_ = 0;
};

}  // namespace

void FlushTest::run(assay::Trial& trial) {
  Medium medium(trial, Medium::Kind::scratch);
  Flush(trial, medium).run();
}

}  // namespace storage
