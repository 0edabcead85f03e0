#include "supervised.hpp"

#include <assay/plugin.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <csignal>
#include <cstring>

#include "core/clock.hpp"
#include "core/text.hpp"
#include "orphans.hpp"

namespace assay::engine {
namespace {

constexpr size_t most_output = 64 * 1024, most_lines = 200, most_findings = 100, most_errors = 20,
                 most_measurements = 256, most_files = 64, most_residue = 16, most_repeats = 32, most_host_lines = 100,
                 most_places = 1000, most_spaces = 4, most_series = 16;
/// Of one trial in one turn: all others, the kernel's log and the user have theirs in between.
constexpr size_t most_read_in_turn = 1 << 16;
/// What can wait in a channel whose process has ended.
constexpr size_t most_read_at_end = 1 << 20;
constexpr uint64_t most_sample_bytes = ArtifactLimits{}.all_bytes;
constexpr Patience patience;

int64_t in_ns(double seconds) { return static_cast<int64_t>(std::min(seconds, 1e9) * 1e9); }

/// A number that came from a plugin's process, as a count.
int count_of(double value) { return value > 0 ? static_cast<int>(std::min(value, 1e6)) : 0; }

/// A number that means something: JSON and a chart can show it. What is too small to be normal is measured by nobody.
bool is_sound(double value) { return value == 0 || std::isnormal(value); }

/// Reads until there is nothing more for now, or `most` bytes. True at the end of the stream.
template <class Take>
bool drain(int fd, size_t most, Take take) {
  char buffer[16384];
  for (size_t sum = 0; sum < most;) {
    const ssize_t got = read(fd, buffer, sizeof buffer);
    if (got == 0) return true;
    if (got < 0) return errno != EAGAIN && errno != EINTR;
    take(buffer, static_cast<size_t>(got));
    sum += static_cast<size_t>(got);
  }
  return false;
}

}  // namespace

void Captured::take(const char* bytes, size_t count) {
  text_.append(bytes, std::min(count, most_output - std::min(most_output, text_.size())));
  total_ += count;
}

Supervised::Supervised(std::string id, runner::Process process, std::string folder, double time_limit)
    : id_(std::move(id)),
      folder_(std::move(folder)),
      process_(std::move(process)),
      started_ns_(core::monotonic_ns()),
      step_ns_(started_ns_),
      limit_ns_(started_ns_ + in_ns(time_limit)) {
  evidence_.time_limit = time_limit;
  process_.shared()->deadline_ns.store(limit_ns_);
  expect_runner(process_.pid());
}

double Supervised::seconds() const { return core::seconds_since(started_ns_); }

std::array<pollfd, 4> Supervised::descriptors() const {
  return {{{process_.pidfd(), POLLIN, 0},
           {process_.frames(), POLLIN, 0},
           {process_.output(), POLLIN, 0},
           {process_.errors(), POLLIN, 0}}};
}

void Supervised::read(const std::array<pollfd, 4>& ready) {
  if (ready[1].revents != 0) read_frames(most_read_in_turn);
  if (ready[2].revents != 0 &&
      drain(process_.output(), most_read_in_turn, [&](const char* b, size_t n) { output_.take(b, n); }))
    process_.close_output();
  if (ready[3].revents != 0 &&
      drain(process_.errors(), most_read_in_turn, [&](const char* b, size_t n) { errors_.take(b, n); }))
    process_.close_errors();
  if (ready[0].revents != 0) finish();
}

void Supervised::read_frames(size_t most) {
  const bool closed = drain(process_.frames(), most, [&](const char* bytes, size_t count) {
    reader_.feed({bytes, count});
    while (auto frame = reader_.next()) take(*frame);
  });
  if (reader_.broken() && evidence_.channel_fault.empty()) {
    evidence_.channel_fault = reader_.fault();
    if (!closed) process_.close_frames();
    advance(Step::killed, EndedBy::kill);
  }
  if (closed) {
    process_.close_frames();
    closed_ns_ = core::monotonic_ns();
  }
}

void Supervised::take(const runner::Frame& frame) {
  using Kind = runner::Frame::Kind;
  if (on_frame_) on_frame_(frame);
  const std::string text = core::safe_text(frame.text), key = core::safe_text(frame.key, 200);
  switch (frame.kind) {
    case Kind::phase:
      evidence_.phase = key;
      break;
    case Kind::progress:
      if (frame.value > 1 && !std::exchange(progress_overrun_, true))
        log("host", "WARNING", "The plugin claims progress beyond 100 %.");
      progress_ = std::clamp(frame.value, 0.0, 1.0);
      doing_ = text;
      break;
    case Kind::measurement:
      if (evidence_.measurements.size() < most_measurements)
        evidence_.measurements.emplace_back(key, frame.value);
      else
        evidence_.too_many_measurements = true;
      break;
    case Kind::finding: {
      const core::Result severity = frame.level >= ASSAY_FAIL       ? core::Result::fail
                                    : frame.level == ASSAY_MARGINAL ? core::Result::marginal
                                                                    : core::Result::none;
      keep({severity, key, text, core::safe_text(frame.where, 200), core::Origin::test});
      break;
    }
    case Kind::log:
      log("plugin", frame.level >= ASSAY_WARNING ? "WARNING" : frame.level == ASSAY_DEBUG ? "DEBUG" : "INFO", text);
      break;
    case Kind::skip:
      evidence_.skip_category = key;
      evidence_.skip_reason = text;
      break;
    case Kind::error:
      if (evidence_.errors.size() < most_errors) evidence_.errors.push_back(text);
      break;
    case Kind::artifact:
      if (files_.size() < most_files)
        files_.push_back({key, "artifacts/" + id_ + "/" + key, text});
      else
        ++lost_files_;
      break;
    case Kind::series:
      if (series_.size() < most_series) open_series(key, text);
      break;
    case Kind::residue:
      if (evidence_.residue.size() == most_residue) break;
      evidence_.residue.emplace_back(key, count_of(frame.value));
      log("host", "WARNING", fmt::format("The plugin left {} {} behind.", count_of(frame.value), key));
      break;
    case Kind::repeat:
      if (evidence_.repeats.size() < most_repeats)
        evidence_.repeats.push_back({key, count_of(frame.value), std::clamp(frame.level, 0, 1'000'000)});
      break;
    case Kind::failed_place:
    case Kind::covered:
      take_place(frame);
      break;
    case Kind::end:
      if (evidence_.end_status) break;
      said_end_ns_ = core::monotonic_ns();
      evidence_.end_status = frame.level;
      // It sees its deadline itself: what it says after it was said in a hurry.
      evidence_.over_time = evidence_.over_time || said_end_ns_ >= limit_ns_;
      break;
    case Kind::description:
      break;
  }
}

void Supervised::take_place(const runner::Frame& frame) {
  journal::Place place;
  bool sound = true;
  if (frame.list.size() == 1) {
    place.piece = core::safe_text(frame.list[0], 200);
  } else if (frame.list.size() == 3) {
    place.space = frame.list[0];
    for (size_t i : {1, 2}) {
      uint64_t& number = i == 1 ? place.first : place.end;
      const std::string& digits = frame.list[i];
      const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
      sound = sound && fault == std::errc{} && end == digits.data() + digits.size();
    }
    // It names a file.
    sound = sound && place.first < place.end && !place.space.empty() &&
            place.space.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == std::string::npos;
  } else {
    sound = false;
  }
  if (frame.kind == runner::Frame::Kind::failed_place) {
    // What cannot be kept is a place all the same, and one that nobody will be found to have looked at.
    const bool full = evidence_.failed_places.size() + 1 >= most_places;
    if (!sound || full) place = {"", 0, 0, sound ? "places that were not kept" : "a place that cannot be understood"};
    if (evidence_.failed_places.size() < most_places)
      evidence_.failed_places.push_back({core::safe_text(frame.key, 200), place});
  } else if (!sound) {
    return;
  } else if (!place.piece.empty()) {
    if (evidence_.covered_pieces.size() < most_places) evidence_.covered_pieces.insert(place.piece);
  } else if (evidence_.covered.count(place.space) > 0 || evidence_.covered.size() < most_spaces) {
    evidence_.covered[place.space].add(place.first, place.end);
  }
}

/// Beyond the bound a finding takes the place of a milder one: no failure is lost among notes. One that is as mild as
/// the mildest costs no search.
void Supervised::keep(const core::Finding& finding) {
  std::vector<core::Finding>& kept = evidence_.findings;
  if (kept.size() < most_findings) return kept.push_back(finding);
  ++lost_findings_;
  if (finding.severity <= mildest_kept_) return;
  const auto milder = [](const core::Finding& a, const core::Finding& b) { return a.severity < b.severity; };
  const auto mildest = std::min_element(kept.begin(), kept.end(), milder);
  if (mildest->severity < finding.severity) *mildest = finding;
  mildest_kept_ = std::min_element(kept.begin(), kept.end(), milder)->severity;
}

void Supervised::log(const std::string& source, const std::string& level, const std::string& text) {
  // What the host itself has to say is little, and must not drown.
  const bool own = source != "plugin";
  size_t& lines = own ? host_lines_ : plugin_lines_;
  if (++lines <= (own ? most_host_lines : most_lines))
    evidence_.log.push_back({source, level, text});
  else
    ++lost_lines_;
}

/// The plugin may write to this folder: nothing that it put in the way is followed or waited for.
void Supervised::open_series(const std::string& name, const std::string& unit) {
  const std::string file = "series-" + std::to_string(series_.size()) + ".f64", path = folder_ + "/" + file;
  core::UniqueFd kept(open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  core::UniqueFd fd(kept ? fcntl(kept.get(), F_DUPFD_CLOEXEC, 0) : -1);
  std::FILE* stream = fd ? fdopen(fd.get(), "wb") : nullptr;
  if (stream != nullptr) fd.release();
  series_.push_back({name, unit, file, {}, std::move(kept), {stream, &std::fclose}});
}

/// Samples go to the series' file as pairs of little-endian doubles: seconds since the trial's start, value.
void Supervised::take_series(bool last) {
  std::vector<runner::Sample> samples = std::exchange(early_, {});
  const std::vector<runner::Sample> fresh = process_.shared().drain();
  samples.insert(samples.end(), fresh.begin(), fresh.end());
  const int64_t now = core::monotonic_ns();
  for (const runner::Sample& sample : samples) {
    const bool sound = is_sound(sample.value) && sample.at_ns >= started_ns_ && sample.at_ns <= now;
    // Its opening may still be on the way.
    const bool early = sample.series >= series_.size() && sample.series < most_series && !last;
    if (sound && early && early_.size() < runner::Shared::Ring::capacity) {
      early_.push_back(sample);
      continue;
    }
    if (!sound || sample.series >= series_.size()) {
      ++odd_samples_;
      continue;
    }
    SeriesFile& series = series_[sample.series];
    series.statistics.add(sample.value);
    const double pair[2] = {static_cast<double>(sample.at_ns - started_ns_) * 1e-9, sample.value};
    sample_bytes_ += sizeof pair;
    if (series.stream &&
        (sample_bytes_ > most_sample_bytes || std::fwrite(pair, sizeof pair, 1, series.stream.get()) != 1))
      series.stream.reset();
  }
  // A number of the plugin's: within what any reader can count.
  dropped_samples_ = std::min(process_.shared()->ring.dropped.load(), uint64_t{1} << 53);
}

std::vector<std::string> Supervised::named_files() const {
  std::vector<std::string> names;
  for (const journal::File& file : files_) names.push_back(file.name);
  return names;
}

std::vector<OwnFile> Supervised::own_files() const {
  std::vector<OwnFile> own;
  for (const SeriesFile& s : series_)
    if (s.kept) own.push_back({s.file, s.kept.get()});
  return own;
}

std::vector<journal::File> Supervised::files(const std::vector<std::string>& kept) const {
  std::vector<journal::File> files;
  for (const journal::File& file : files_)
    if (std::find(kept.begin(), kept.end(), file.name) != kept.end()) files.push_back(file);
  return files;
}

std::vector<journal::SeriesSummary> Supervised::series(const std::vector<std::string>& kept) const {
  std::vector<journal::SeriesSummary> result;
  for (const SeriesFile& s : series_) {
    const bool there = std::find(kept.begin(), kept.end(), s.file) != kept.end();
    result.push_back({s.name, s.unit, there ? "artifacts/" + id_ + "/" + s.file : "", s.statistics.count,
                      dropped_samples_, s.statistics.least, s.statistics.mean(), s.statistics.greatest});
  }
  return result;
}

void Supervised::advance(Step step, EndedBy by) {
  if (ended_ || step <= step_) return;
  step_ = step;
  step_ns_ = core::monotonic_ns();
  evidence_.ended_by = by;
  process_.cancel();
  if (step == Step::terminated) process_.signal_group(SIGTERM);
  if (step == Step::killed) process_.signal_group(SIGKILL);
  process_.signal_group(SIGCONT);  // a stopped process hears no signal but these
}

void Supervised::stop_by_user(bool at_once) {
  if (ended_) return;
  evidence_.stopped_by_user = true;
  advance(at_once ? Step::killed : Step::cancelled, at_once ? EndedBy::kill : EndedBy::cancel);
}

void Supervised::end_its_time() {
  evidence_.over_time = evidence_.over_time || !evidence_.end_status;
  advance(Step::cancelled, EndedBy::cancel);
}

void Supervised::end_as_flood(const std::string& why) {
  if (evidence_.flood.empty()) evidence_.flood = why;
  advance(Step::killed, EndedBy::kill);
}

void Supervised::end_now() {
  stop_by_user(true);
  if (!ended_) finish();
}

void Supervised::tick() {
  if (ended_) return;
  take_series();
  siginfo_t info{};
  if (waitid(P_PID, static_cast<id_t>(process_.pid()), &info, WSTOPPED | WNOHANG) == 0 && info.si_pid != 0) {
    if (continued_++ == 0) log("host", "WARNING", "The process had stopped itself; it was continued.");
    process_.signal_group(SIGCONT);
  }
  const int64_t now = core::monotonic_ns();
  // A dying process closes its end a moment before it can be waited for: that is not what is meant here.
  const bool closed = process_.frames() < 0 && now - closed_ns_ > in_ns(patience.closed);
  if (step_ == Step::running && closed && !evidence_.end_status) {
    evidence_.channel_closed_early = true;
    advance(Step::terminated, EndedBy::terminate);
  }
  // It has said all that it had to say, and does not leave: Linux may hold it in a read that never comes back.
  if (step_ == Step::running && evidence_.end_status && now - said_end_ns_ > in_ns(patience.leave))
    advance(Step::killed, EndedBy::kill);
  if (step_ == Step::running && now >= limit_ns_) end_its_time();
  if (step_ == Step::cancelled && now - step_ns_ > in_ns(patience.cancel))
    advance(Step::terminated, EndedBy::terminate);
  if (step_ == Step::terminated && now - step_ns_ > in_ns(patience.terminate)) advance(Step::killed, EndedBy::kill);
  if (step_ == Step::killed && now - step_ns_ > in_ns(patience.kill)) {
    evidence_.ended_by = EndedBy::nobody;
    finish();
  }
}

void Supervised::finish() {
  evidence_.seconds = seconds();
  if (evidence_.ended_by != EndedBy::nobody) {
    // Leave the dead leader unreaped until its group has been swept, so that nobody else can get its number.
    const Orphans orphans = end_orphans(id_);
    const std::optional<runner::Ending> ending = process_.ending();
    evidence_.leftovers = orphans.ended + (ending ? std::clamp(ending->left, 0, 100'000) : 0);
    for (; ending && continued_ < std::min(ending->continued, 1); ++continued_)
      log("host", "WARNING", "The process had stopped itself; it was continued.");
    if (orphans.hanging > 0)
      log("host", "WARNING",
          fmt::format("{} process(es) that it had started hang in Linux and could not be ended.", orphans.hanging));
    process_.signal_group(SIGKILL);
    int status = 0;
    waitpid(process_.pid(), &status, 0);
    forget_runner(process_.pid());
    if (ending) {
      status = ending->status;
      evidence_.cpu_seconds = ending->cpu_seconds;
      evidence_.most_memory = ending->most_memory;
    }
    evidence_.exited = WIFEXITED(status);
    if (WIFEXITED(status)) evidence_.exit_code = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) evidence_.signal = WTERMSIG(status);
    if (process_.frames() >= 0) read_frames(most_read_at_end);
    if (process_.output() >= 0)
      drain(process_.output(), most_read_at_end, [&](const char* b, size_t n) { output_.take(b, n); });
    if (process_.errors() >= 0)
      drain(process_.errors(), most_read_at_end, [&](const char* b, size_t n) { errors_.take(b, n); });
  }
  if (evidence_.ended_by == EndedBy::nobody)
    log("host", "WARNING",
        "The process hangs in Linux and could not be ended, not even by SIGKILL; it was left behind.");
  evidence_.half_frame = reader_.half() && !evidence_.end_status;
  take_series(true);
  for (SeriesFile& series : series_) {
    const bool written = series.stream && std::fflush(series.stream.get()) == 0;
    series.stream.reset();
    if (!written) log("host", "WARNING", "The samples of " + series.name + " could not all be written.");
  }
  if (odd_samples_ > 0)
    log("host", "WARNING",
        fmt::format("{} samples were no numbers or of no time of this trial; they were counted and not kept.",
                    odd_samples_));
  if (lost_files_ > 0)
    log("host", "WARNING",
        fmt::format("The plugin named {} further files; the first {} are in the record.", lost_files_, most_files));
  if (lost_findings_ > 0)
    log("host", "WARNING",
        fmt::format("The plugin made {} further findings; {} are kept, the worst of them and the first.",
                    lost_findings_, most_findings));
  const auto& crash = process_.shared()->crash;
  evidence_.crash_signal = crash.signal.load();
  evidence_.crash_code = crash.code;
  evidence_.crash_address = crash.address;
  evidence_.crash_stack = crash.stack_pointer;
  const auto mark = process_.shared().breadcrumb();
  evidence_.doing = mark.doing;
  evidence_.doing_address = mark.address;
  for (const auto& [name, captured] :
       {std::pair<const char*, const Captured*>{"stdout", &output_}, {"stderr", &errors_}}) {
    if (captured->total() == 0) continue;
    log(name, "INFO", core::safe_text(captured->text(), 8192, true));
    if (captured->total() > captured->text().size())
      log("host", "WARNING",
          fmt::format("The plugin wrote {} to {}; the first {} were kept.", core::format_bytes(captured->total()), name,
                      core::format_bytes(captured->text().size())));
  }
  if (lost_lines_ > 0)
    evidence_.log.push_back(
        {"host", "WARNING", fmt::format("{} further lines were counted and not kept.", lost_lines_)});
  ended_ = true;
}

}  // namespace assay::engine
