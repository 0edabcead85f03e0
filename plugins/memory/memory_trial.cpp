#include "memory_trial.hpp"

#include <assay/ext/artifact.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "kernels/element_kernel.hpp"
#include "modules.hpp"

namespace memory {
namespace {

constexpr int repeats_of_a_failure = 5, most_pieces_again = 8;

double now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

std::string gib(uint64_t bytes) {
  char text[40];
  std::snprintf(text, sizeof text, "%.2f GiB", static_cast<double>(bytes) / (1u << 30));
  return text;
}

unsigned long long plain(uint64_t value) { return value; }

}  // namespace

MemoryTrial::MemoryTrial(assay::Trial& trial, size_t piece_bytes)
    : trial_(trial),
      seconds_(trial.real("duration")),
      start_(now()),
      pool_(workers_, trial.real("share"), piece_bytes),
      corrected_before_(read_corrected_errors()) {
  if (kept_) reached_.add_from(kept_.descriptor());
  before_ = reached_;
}

bool MemoryTrial::over(double part) const { return trial_.should_stop() || now() - start_ >= seconds_ * part; }
double MemoryTrial::seconds_left() const { return std::max(0.0, seconds_ - (now() - start_)); }

void MemoryTrial::test(const Piece& piece, uint64_t pass, const std::function<void(const Job&)>& work, ErrorLog& log) {
  ErrorLog found;
  const bool plant = !planted_.exchange(true);
  work({piece, pass, plant, found});
  if (found.count() == 0) {
    count_as_tested(piece);  // unless it was left in the middle
    return;
  }
  failed_ = true;
  count_as_tested(piece);
  repeat({piece, pass, plant, found}, work);
  log.add(found);
}

/// In another process it would be other memory: so the failure is repeated here, where it was seen.
void MemoryTrial::repeat(const Job& failed, const std::function<void(const Job&)>& work) {
  if (!may_repeat()) return;
  FramesAgain frames;
  while (frames.repeats() < repeats_of_a_failure) {
    ErrorLog again;
    work({failed.piece, failed.pass, failed.plant, again});
    if (trial_.should_stop()) break;  // perhaps in the middle: that it was not seen would mean nothing
    frames.add(failed.log, again);
  }
  take_repeats(frames);
}

/// Where all memory is bad, repeating all of it would say no more.
bool MemoryTrial::may_repeat() {
  const std::lock_guard guard(lock_);
  return pieces_repeated_++ < most_pieces_again;
}

void MemoryTrial::take_repeats(const FramesAgain& again) {
  const FramesAgain::Worst worst = again.worst();
  const std::lock_guard guard(lock_);
  if (worst.repeats > 0 && (again_.repeats == 0 || worst.seen * again_.repeats > again_.seen * worst.repeats))
    again_ = worst;
}

bool MemoryTrial::mostly_known(const Piece& piece) {
  const std::lock_guard guard(lock_);
  return reached_.known(piece.words, piece.bytes()) > piece.bytes() / 4096 * 7 / 8;
}

/// Tests memory as it is taken. What this run has tested before waits until there is no more that is new.
void MemoryTrial::seek(int worker, uint64_t pass, const std::function<void(const Job&)>& work, ErrorLog& log) {
  constexpr double part_for_seeking = 0.7;
  std::vector<Piece> waiting;
  while (!over(waiting.empty() ? 1 : part_for_seeking) || !pool_.took_any()) {
    const Piece piece = pool_.take(worker);
    if (!piece) break;
    if (mostly_known(piece))
      waiting.push_back(piece);
    else
      test(piece, pass, work, log);
    say_how_far();
  }
  for (size_t i = 0; i < waiting.size() && (!over() || (tested_ == 0 && !trial_.should_stop())); ++i) {
    test(waiting[i], pass, work, log);
    say_how_far();
  }
}

/// Getting and locking memory can take longer than testing it: so both are told.
void MemoryTrial::say_how_far() {
  const double part = 1 - seconds_left() / std::max(seconds_, 1e-9);
  {
    const std::lock_guard guard(lock_);
    if (part < told_ + 0.02) return;
    told_ = part;
  }
  char text[120];
  std::snprintf(text, sizeof text, "%s taken and locked (%.0f s of %d workers), %s tested",
                gib(pool_.most_bytes()).c_str(), pool_.locking_seconds(), workers_.count(), gib(tested_).c_str());
  trial_.progress(part, text);
}

void MemoryTrial::sweep(const std::function<void(const Job&)>& work) {
  std::vector<ErrorLog> logs(static_cast<size_t>(workers_.count()));
  bool look_for_more = true;
  for (uint64_t pass = 0; pass == 0 || (!over() && pool_.took_any()); ++pass) {
    const size_t reached_before = reached_.count();
    const bool fresh = pass == 0 || look_for_more;
    if (fresh && pass > 0) pool_.give_back();
    const std::vector<Piece> known = pool_.taken();
    std::atomic<size_t> next{0};  // however many threads there are, every piece has its turn
    workers_.run([&](int worker) {
      ErrorLog& log = logs[static_cast<size_t>(worker)];
      if (fresh) return seek(worker, pass, work, log);
      for (size_t i; !over() && (i = next++) < known.size();) {
        test(known[i], pass, work, log);
        say_how_far();
      }
    });
    // Taken anew, memory lies partly in other frames; once that brings less than a thousandth, it is not worth its
    // time. What failed stays where it is: its addresses are looked up at the end.
    look_for_more = fresh && !failed_ && reached_.count() - reached_before > pool_.most_bytes() / 4096 / 1000;
  }
  for (const ErrorLog& log : logs) errors_.add(log);
}

void MemoryTrial::fill_all(double part, const std::function<void(const Piece&)>& fill) {
  workers_.run([&](int worker) {
    while (!over(part) || !pool_.took_any()) {
      const Piece piece = pool_.take(worker);
      if (!piece) break;
      fill(piece);
    }
  });
}

void MemoryTrial::on_all(const std::function<void(const Job&)>& work, const std::function<void(const Job&)>& again,
                         const std::function<void(const Piece&)>& prepare) {
  struct Failure {
    size_t piece;
    bool plant;
    ErrorLog found;
    FramesAgain again;
  };
  const std::vector<Piece>& pieces = pool_.taken();
  const auto on_each = [&](const std::function<void(size_t)>& one) {
    std::atomic<size_t> next{0};
    workers_.run([&](int) {
      for (size_t i; !trial_.should_stop() && (i = next++) < pieces.size();) one(i);
    });
  };
  std::vector<Failure> failures;
  on_each([&](size_t i) {
    ErrorLog found;
    const bool plant = i == 0 && !planted_.exchange(true);
    work({pieces[i], 0, plant, found});
    if (found.count() == 0) return;
    const std::lock_guard guard(lock_);
    errors_.add(found);
    failures.push_back({i, plant, std::move(found), {}});
  });
  if (!again || failures.empty()) return;
  failures.resize(std::min<size_t>(failures.size(), most_pieces_again));
  for (int round = 0; round < repeats_of_a_failure && !trial_.should_stop(); ++round) {
    if (prepare) on_each([&](size_t i) { prepare(pieces[i]); });
    for (Failure& failure : failures) {
      ErrorLog seen;
      again({pieces[failure.piece], 0, failure.plant, seen});
      if (!trial_.should_stop()) failure.again.add(failure.found, seen);
    }
  }
  for (const Failure& failure : failures) take_repeats(failure.again);
}

void MemoryTrial::count_as_tested(const Piece& piece) {
  if (trial_.should_stop()) return;
  tested_ += piece.bytes();
  const std::lock_guard guard(lock_);
  reached_.add(piece.words, piece.bytes());
}

void MemoryTrial::count_all_as_tested() {
  for (const Piece& piece : pool_.taken()) count_as_tested(piece);
}

/// Where frames cannot be seen: what was held at one time, since what is taken anew may be the same.
uint64_t MemoryTrial::covered_bytes() {
  if (reached_.count() == 0) return std::min<uint64_t>(tested_, pool_.most_bytes());
  if (kept_) reached_.merge_with(kept_.descriptor());
  return reached_.bytes();
}

uint64_t MemoryTrial::installed_bytes() const {
  for (const char* key : {"installed_bytes", "visible_bytes"})
    if (const uint64_t bytes = std::strtoull(trial_.target_attribute(key, "0").c_str(), nullptr, 10); bytes > 0)
      return bytes;
  return std::max<uint64_t>(1, amounts().total);
}

void MemoryTrial::settle(const Piece& piece) const {
  const uint64_t cache = workers_.largest_cache(), at_once = piece.bytes() * static_cast<uint64_t>(workers_.count());
  if (can_flush() && (cache == 0 || at_once < 2 * cache)) flush_lines(piece.words, piece.lines);
}

void MemoryTrial::report(const std::function<std::string(const ErrorLog&)>& describe) {
  // Cut short without a finding: that is no pass.
  if (errors_.count() == 0 && trial_.should_stop()) throw assay::Cancelled{};
  // What was wrong is of the memory all the same. That nothing was, says less than it seems: less of it was tested from
  // near the core, and by fewer at once.
  if (errors_.count() == 0 && workers_.lost_processor() >= 0)
    throw std::runtime_error(
        "core " + std::to_string(workers_.lost_processor()) +
        " went away in mid-test: it was taken offline, or from this process (a cpuset, or taskset)");
  if (errors_.count() > 0) {
    // What is said of one place is said of the frame that was seen again most often.
    if (again_.repeats > 0) errors_.speak_of(again_.page);
    tell_errors(describe(errors_));
    tell_pages();
    write_errors();
    if (again_.repeats > 0)
      trial_.repeated("wrong-data", static_cast<uint32_t>(again_.repeats), static_cast<uint32_t>(again_.seen));
  }
  bool uncorrected = false;
  const std::string corrected = growth(corrected_before_, read_corrected_errors(), uncorrected);
  if (!corrected.empty())
    trial_.finding(uncorrected ? assay::Severity::fail : assay::Severity::marginal, "ecc-errors",
                   "The memory controller counted errors during this test: " + corrected + ".", trial_.target());
  if (!pool_.took_any())
    throw assay::Skip{
        "not-supported",
        "no memory could be taken without pushing the machine into swap, or its control group to its limit"};
  if (!pool_.all_locked())
    trial_.finding(assay::Severity::note, "not-locked",
                   "Not all of the memory could be locked; parts may have been swapped out and in meanwhile.");
  trial_.measure("wrong-words", static_cast<double>(errors_.count()));
  trial_.measure("tested", static_cast<double>(tested_));
  const uint64_t covered = covered_bytes();
  trial_.measure("covered", 100 * static_cast<double>(covered) / static_cast<double>(installed_bytes()));
  if (before_.count() > 0)
    trial_.finding(assay::Severity::note, "reached",
                   "Earlier trials of this run had tested " + gib(before_.bytes()) + " with this test; now it is " +
                       gib(covered) + ".");
  trial_.measure("locking", pool_.locking_seconds() / workers_.count());
  tell_places();
}

/// By physical addresses, which are the same in the next run: the pages that held wrong data, and those that were
/// tested.
void MemoryTrial::tell_places() const {
  constexpr uint64_t page = 4096;
  constexpr size_t most_told = 65536;  // as many as the host keeps
  for (const uint64_t address : bad_pages())
    trial_.failed_at("wrong-data", "physical", address / page * page, address / page * page + page);
  if (!errors_.all_pages_kept()) trial_.failed_on("wrong-data", "pages that were not kept");
  for (const auto& [first, end] : reached_.ranges_beyond(before_, most_told)) trial_.covered("physical", first, end);
}

void MemoryTrial::tell_errors(const std::string& step) const {
  const Mismatch& first = errors_.first();
  char text[700], place[64];
  const uint64_t physical = physical_address(first.word);
  if (physical != 0)
    std::snprintf(place, sizeof place, "physical address 0x%llx", plain(physical));
  else
    std::snprintf(place, sizeof place, "physical address not known (needs root)");
  std::snprintf(
      text, sizeof text,
      "%llu word%s in %s%zu page%s held wrong data. First, in %s: expected %016llx, got %016llx (differing bits "
      "%016llx, virtual address %p). All in all bits %016llx lost ones and bits %016llx lost zeros. %s ",
      plain(errors_.count()), errors_.count() == 1 ? "" : "s", errors_.all_pages_kept() ? "" : "over ",
      errors_.pages().size(), errors_.pages().size() == 1 ? "" : "s", step.c_str(), plain(first.expected),
      plain(first.actual), plain(first.expected ^ first.actual), static_cast<void*>(first.word),
      plain(errors_.lost_ones()), plain(errors_.lost_zeros()), signature(errors_, again_.repeats, again_.seen).c_str());
  const std::vector<uint64_t> bad = bad_pages();
  const bool all_known = errors_.all_pages_kept() && bad.size() == errors_.pages().size();
  const std::string slots = all_known ? slots_of(bad, trial_.target_attribute("modules")) : "";
  trial_.fail("wrong-data", text + (slots.empty() ? "Not mapped to a slot." : "All of it lies " + slots + "."), place);
}

/// For the report's picture: the pages with errors by physical address, and the bits that were wrong.
void MemoryTrial::write_errors() const {
  const auto* artifacts = assay::host_extension<assay_artifact>(ASSAY_EXT_ARTIFACT);
  const int file = artifacts == nullptr ? -1 : artifacts->create("memory-errors.json", "application/json");
  if (file < 0) return;
  char text[80];
  std::snprintf(text, sizeof text, "{\"lost_ones\":\"0x%llx\",\"lost_zeros\":\"0x%llx\",\"pages\":{",
                plain(errors_.lost_ones()), plain(errors_.lost_zeros()));
  std::string json = text;
  bool first = true;
  for (const auto& [page, errors] : errors_.pages()) {
    // NOLINTNEXTLINE(performance-no-int-to-ptr): the page's address, which is only looked up
    const uint64_t physical = physical_address(reinterpret_cast<const void*>(page));
    if (physical == 0) continue;
    std::snprintf(text, sizeof text, "%s\"0x%llx\":%llu", first ? "" : ",", plain(physical & ~uint64_t{4095}),
                  plain(errors.count));
    json += text;
    first = false;
  }
  json += "}}\n";
  if (write(file, json.data(), json.size()) != static_cast<ssize_t>(json.size()))
    assay::log("the errors' places could not be written");
  close(file);
}

/// Physical addresses of the pages with errors, where they can be seen.
std::vector<uint64_t> MemoryTrial::bad_pages() const {
  std::vector<uint64_t> physical;
  for (const auto& [page, errors] : errors_.pages())
    // NOLINTNEXTLINE(performance-no-int-to-ptr): the page's address, which is only looked up
    if (const uint64_t address = physical_address(reinterpret_cast<const void*>(page)); address != 0)
      physical.push_back(address);
  return physical;
}

void MemoryTrial::tell_pages() const {
  const std::string parameter = memmap_parameter(bad_pages(), 32);
  if (parameter.empty()) return;
  trial_.finding(assay::Severity::note, "memmap",
                 "Until the memory is replaced, Linux leaves these pages out when it is started with: " + parameter);
}

}  // namespace memory
