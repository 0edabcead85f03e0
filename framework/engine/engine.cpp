#include "engine/engine.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>

#include "core/clock.hpp"
#include "core/errors.hpp"
#include "core/text.hpp"
#include "engine/confinement.hpp"
#include "engine/fence_gaps.hpp"
#include "kept_file.hpp"
#include "orphans.hpp"
#include "room.hpp"
#include "sealing.hpp"
#include "signal_files.hpp"
#include "stage_queue.hpp"
#include "stop_signals.hpp"
#include "supervised.hpp"
#include "target_device.hpp"
#include "trial_spec.hpp"
#include "watch/kernel_log.hpp"
#include "watch/sampler.hpp"
#include "watch/signals.hpp"

namespace assay::engine {
namespace {

using core::Purpose;
using core::Result;

constexpr int tick_ms = 200;
/// Artifact files of all trials together: a manifest can name so many.
constexpr size_t most_files_of_a_run = 20'000;
/// Bytes of a file of a test that was promised no room: it leaves results, and no more.
constexpr uint64_t most_plain_file = ArtifactLimits{}.file_bytes;

/// A soak on a machine of many cores needs five descriptors for each; the usual soft limit ends at a hundred cores.
void allow_many_files() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

class Run {
 public:
  Run(const plan::ResolvedPlan& plan, const inventory::SystemRoot& root, const inventory::Machine& machine,
      const Settings& settings, const std::vector<journal::SignalInfo>& signals, journal::Writer& journal,
      Observer& observer, const journal::Record* before)
      : plan_(plan),
        settings_(settings),
        journal_(journal),
        observer_(observer),
        door_(root, settings.consent, settings.folder + "/consent.json", settings.seal),
        kernel_(settings.kernel_log, watch::KernelRules::built_in()),
        signals_(root, machine),
        sampler_(signals_.steps()),
        signal_files_(settings.folder, signals, signals_.list()),
        room_(settings.folder) {
    adopt_orphans();
    allow_many_files();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);  // a file of ours that may not grow is an error like a full disk
    signal(SIGHUP, SIG_IGN);   // a terminal that is closed ends no run
    journal_.when_full([this] { return make_room(); });
    if (before != nullptr) take_over(*before);
    if (!kernel_.why_not().empty() && before == nullptr) journal_.run_error({"assay.no-kernel-log", kernel_.why_not()});
    tell_fence_gaps(before == nullptr);
    if (!kernel_.why_not().empty())
      observer_.warning("The kernel log cannot be read (" + kernel_.why_not() +
                        "): hardware errors that only Linux sees will be missed.");
  }

  void go() {
    for (const plan::PlannedStage& stage : plan_.stages) {
      if (stopped_) break;
      if (!stage.trials.empty()) run_stage(stage);
      seconds_done_ += stage.seconds;
    }
    read_kernel();
    end_all_orphans();
    finish_left_over();
    if (stopped_) journal_.run_error({"assay.stopped", "The user stopped the run."});
  }

  /// Waits for the sealing of what an earlier part of the run left: it has had this whole part's time already.
  void finish_left_over() {
    for (const auto& sealing : left_over_)
      while (!sealing->done()) {
        pollfd source{sealing->fd(), POLLIN, 0};
        poll(&source, 1, tick_ms);
      }
  }

  /// Ends what runs, when the journal has failed.
  void abandon() {
    for (Running& running : running_) running.supervised->end_now();
    running_.clear();
  }

  ~Run() { journal_.when_full(nullptr); }

 private:
  /// Once per run. What an ordinary user cannot have stands in the record; what this Linux lacks is said aloud, too.
  void tell_fence_gaps(bool first) {
    const std::string folder = settings_.folder + "/artifacts/fence";
    std::error_code error;
    std::filesystem::create_directory(folder, error);
    try {
      for (const FenceGap& gap : fence_gaps(settings_.runner, folder)) {
        if (first) journal_.run_error({"assay.fence", "The fence around plugins is lower here: " + gap.what + "."});
        if (!gap.usual) observer_.warning("The fence around plugins is lower here: " + gap.what + ".");
      }
    } catch (const core::Trouble& trouble) {
      observer_.warning(trouble.what());  // each trial will say the same, and which
    }
    std::filesystem::remove(folder, error);
  }

  struct Running {
    Pending pending;
    journal::TrialStart start;
    std::unique_ptr<Supervised> supervised;
    std::vector<watch::Statistics> sensors;
    core::UniqueFd kept;                 // the file of ext/keep.h
    uint64_t room_at_start = 0;          // bytes that were free on the disk of the run's folder
    std::unique_ptr<Sealing> sealing{};  // once its process has ended
  };

  void take_over(const journal::Record& before) {
    // Where the earlier part really ended: the trial that was cut off has no end, but its samples are there.
    clock_start_ns_ -= static_cast<int64_t>(last_sign_of_life(settings_.folder, before) * 1e9);
    for (const journal::Trial& trial : before.trials) {
      const journal::TrialStart& s = trial.start;
      next_id_ = std::max(next_id_, std::atoi(s.id.c_str() + std::min<size_t>(1, s.id.size())) + 1);
      if (!trial.end || trial.end->category == "interrupted") continue;  // to be run again
      auto& span = spans_[s.stage];
      span.first = span.second == 0 ? s.at_seconds : std::min(span.first, s.at_seconds);
      span.second = std::max(span.second, s.at_seconds + trial.end->seconds);
      if (s.purpose == Purpose::confirm)
        ++confirmed_[s.confirms];
      else
        finished_.insert(place(s.stage, s.entry, s.round, s.purpose, s.test, s.target.id, s.injection));
    }
    before_ = &before;
    // What those that were cut off left is bounded like that of the others.
    remove_half_sealed(artifacts());
    for (const journal::Trial& trial : before.trials) {
      const std::string& id = trial.start.id;
      const bool cut_off = !trial.end || trial.end->category == "interrupted";
      if (cut_off && may_keep_name(id) && std::filesystem::is_directory(artifacts() + "/" + id))
        left_over_.push_back(std::make_unique<Sealing>(artifacts(), id, std::vector<OwnFile>{},
                                                       std::vector<std::string>{}, ArtifactLimits{}));
    }
  }

  std::string artifacts() const { return settings_.folder + "/artifacts"; }

  double now() const { return core::seconds_since(clock_start_ns_); }

  void run_stage(const plan::PlannedStage& stage) {
    observer_.stage_started(stage);
    round_tested_ = ran_in_stage_ = false;
    StageQueue queue(stage, settings_.seed, finished_);
    queue.next_round();
    finish_confirmations(stage, queue);
    const auto span = spans_.find(stage.id);
    const double spent_before = span == spans_.end() ? 0 : span->second.second - span->second.first;
    const int64_t started = core::monotonic_ns();
    const auto spent = [&] { return spent_before + core::seconds_since(started); };
    while (true) {
      start_what_may(stage, queue);
      if (running_.empty()) {
        // A round that had been finished before an interruption leaves the queue empty: look at the next one.
        if (!queue.empty() || stopped_) break;
        if (!stage.repeat || spent() + 0.5 * longest(stage) >= stage.seconds) break;
        // A round in which nothing could be tested would only be followed by thousands of its kind.
        if (!std::exchange(round_tested_, false) && ran_in_stage_) break;
        queue.next_round();
        continue;
      }
      wait();
      if (stopped_) queue.clear();
      collect(queue);
      report_progress(stage, spent(), queue);
    }
  }

  static double longest(const plan::PlannedStage& stage) {
    double seconds = 0;
    for (const auto& trial : stage.trials) seconds = std::max(seconds, trial.seconds);
    return seconds;
  }

  /// After an interruption: repeats of a failure that were still to come.
  void finish_confirmations(const plan::PlannedStage& stage, StageQueue& queue) {
    if (before_ == nullptr) return;
    for (const journal::Trial& trial : before_->trials) {
      if (trial.start.stage != stage.id || !trial.end || trial.end->result != Result::fail ||
          trial.start.purpose != Purpose::test || !trial.repeats.empty())
        continue;
      const std::string key = trial.start.test + "|" + trial.start.target.id;
      if (!failed_.insert(key).second) continue;
      for (const auto& planned : stage.trials)
        if (planned.entry == trial.start.entry && planned.purpose == Purpose::test &&
            planned.test->id == trial.start.test && planned.target.id == trial.start.target.id)
          queue.confirm({&planned, Purpose::test, trial.start.round, trial.start.seed, ""}, trial.start.id,
                        plan_.confirm - confirmed_[trial.start.id]);
    }
  }

  void start_what_may(const plan::PlannedStage& stage, StageQueue& queue) {
    if (stopped_) return;
    std::vector<const plan::PlannedTrial*> busy;
    for (const Running& running : running_) busy.push_back(running.pending.trial);
    for (Pending next; queue.take(busy, next);)
      if (start(stage, next, queue)) busy.push_back(next.trial);
  }

  /// False when the runner could not be started: an error of this trial, and of no other.
  bool start(const plan::PlannedStage& stage, const Pending& pending, StageQueue& queue) {
    const plan::PlannedTrial& trial = *pending.trial;
    journal::TrialStart start{fmt::format("t{:05}", next_id_++),
                              trial.test->id,
                              trial.target,
                              pending.seed,
                              pending.purpose,
                              trial.injection,
                              stage.id,
                              trial.entry,
                              pending.round,
                              pending.confirms,
                              trial.required,
                              trial.if_present,
                              trial.parameters,
                              now()};
    start.privileges = privileges_in(confinement_of(*trial.plugin, *trial.test, trial.target), *trial.test);
    const std::string folder = settings_.folder + "/artifacts/" + start.id;
    std::error_code error;
    std::filesystem::create_directory(folder, error);
    const core::UniqueFd place(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!place) throw core::Trouble(folder + " cannot be made: " + (error ? error.message() : "no access"));
    journal_.trial_start(start);
    observer_.trial_started(start);
    ran_in_stage_ = true;
    const TargetDevice device = door_.open(trial.target, trial.test->effect, stop_signals_.fd());
    if (!device.reason.empty()) queue.leave_out(pending.trial);
    if (!device.reason.empty()) return not_started(start, core::Status::skipped, device.category, device.reason);
    if (device.fd && trial.test->effect == catalog::Effect::destructive && overwritten_.insert(trial.target.id).second)
      journal_.run_error(
          {"assay.overwritten", trial.target.attribute("path") +
                                    " was opened for overwriting: what was on it is gone, and it needs a "
                                    "new file system before it can be used."});
    try {
      core::UniqueFd kept = open_kept_file(settings_.folder, pending);
      runner::Spec spec = make_spec(trial, pending.seed, device.most_bytes);
      const bool overwrites = trial.test->effect == catalog::Effect::destructive;
      if (spec.confinement.file_bytes == 0 && !overwrites) spec.confinement.file_bytes = most_plain_file;
      auto process =
          runner::Process::start(settings_.runner, spec, {place.get(), kept.get(), device.fd.get()}, start.id);
      running_.push_back({pending, start,
                          std::make_unique<Supervised>(start.id, std::move(process), folder, trial.time_limit),
                          std::vector<watch::Statistics>(signals_.sensors()), std::move(kept), room_.free()});
      return true;
    } catch (const core::Trouble& trouble) {
      return not_started(start, core::Status::error, "", trouble.what());
    }
  }

  bool not_started(const journal::TrialStart& start, core::Status status, const std::string& category,
                   const std::string& reason) {
    const journal::TrialEnd end{status, Result::none, reason, category, 0, 0, 0};
    if (status == core::Status::error) journal_.error(start.id, {"trial-error", reason});
    journal_.trial_end(start.id, end);
    observer_.trial_ended(start, end, {});
    return false;
  }

  void wait() {
    std::vector<pollfd> fds{{stop_signals_.fd(), POLLIN, 0}, {kernel_.fd(), POLLIN, 0}, {sampler_.fd(), POLLIN, 0}};
    const auto first = static_cast<std::ptrdiff_t>(fds.size());
    for (const Running& running : running_)
      for (const pollfd& fd : descriptors(running)) fds.push_back(fd);
    poll(fds.data(), fds.size(), tick_ms);
    if (fds[0].revents != 0) stop(stop_signals_.take());
    read_kernel();
    for (size_t i = 0; i < running_.size(); ++i) {
      if (running_[i].sealing) continue;
      std::array<pollfd, 4> ready;
      std::copy_n(fds.begin() + first + static_cast<std::ptrdiff_t>(4 * i), 4, ready.begin());
      running_[i].supervised->read(ready);
      running_[i].supervised->tick();
    }
    guard_room();
    sample_signals();
  }

  /// Of a trial that has ended there is nothing to wait for but its sealing.
  static std::array<pollfd, 4> descriptors(const Running& running) {
    if (!running.sealing) return running.supervised->descriptors();
    return {{{running.sealing->fd(), POLLIN, 0}, {-1, 0, 0}, {-1, 0, 0}, {-1, 0, 0}}};
  }

  /// Ends the trials that leave too much on the disk.
  void guard_room() {
    if (core::seconds_since(last_room_ns_) < 1e-3 * tick_ms) return;
    last_room_ns_ = core::monotonic_ns();
    if (room_.look()) find_floods();
  }

  void find_floods() {
    bool found = false;
    for (Running& running : running_) {
      if (running.sealing) continue;
      const FolderUse use = use_of(artifacts() + "/" + running.start.id);
      const std::string why = why_too_much(use, room_.low(), room_.little());
      if (why.empty()) continue;
      running.supervised->end_as_flood(why);
      found = true;
    }
    // Nobody can be seen to have taken it: it is in files without a name. Whoever ran meanwhile is ended.
    for (Running& running : running_)
      if (room_.low() && !found && !running.sealing && running.room_at_start >= 2 * room_.little())
        running.supervised->end_as_flood("the disk full that had room when it began");
  }

  /// When the journal has none. False when there is nothing left to be given.
  bool make_room() {
    if (std::exchange(made_room_, true)) return false;
    room_.look();
    find_floods();
    room_.release_reserve();
    return true;
  }

  void stop(int times) {
    if (times == 0) return;
    const bool at_once = stopped_ || times > 1;
    stopped_ = true;
    observer_.warning(at_once ? "Ending the trials at once."
                              : "Stopping: the trials are asked to end (again to end them at once).");
    for (Running& running : running_) running.supervised->stop_by_user(at_once);
  }

  void read_kernel() {
    if (const int lost = kernel_.take_lost(); lost > 0 && !std::exchange(told_lost_, true))
      journal_.run_error({"assay.kernel-log-lost", "Linux overwrote lines of its log before they could be read."});
    for (const watch::KernelEvent& event : kernel_.read()) {
      bool told = false;
      const core::Finding finding{
          event.severity, "kernel:" + event.rule, event.text + " Linux wrote: " + event.line, "", core::Origin::kernel,
          event.part};
      for (Running& running : running_) {
        if (!core::speaks_of_machine(running.pending.purpose)) continue;
        running.supervised->add_kernel(finding);
        told = true;
      }
      // Between trials, or while only proofs ran: it is the machine's all the same.
      if (!told && event.severity != Result::none)
        journal_.run_error({fmt::format("assay.kernel.{}", core::name(event.severity)), finding.text});
    }
  }

  void sample_signals() {
    if (signals_.list().empty()) return;
    if (core::seconds_since(last_sample_ns_) >= 1 && sampler_.ask()) last_sample_ns_ = core::monotonic_ns();
    const std::optional<std::vector<double>> values = sampler_.take();
    for (const std::string& name : sampler_.take_hung()) {
      const std::string text = name + " does not answer any more; it is left out from now on.";
      journal_.run_error({"assay.sensor-hangs", text});
      observer_.warning(text);
    }
    if (!values) return;
    signal_files_.add(now(), *values);
    observer_.signals(signals_.list(), *values);
    for (Running& running : running_)
      for (size_t i = 0; i < running.sensors.size(); ++i) running.sensors[i].add((*values)[i]);
  }

  void collect(StageQueue& queue) {
    for (size_t i = 0; i < running_.size();) {
      if (!running_[i].supervised->ended() || !is_sealed(running_[i])) {
        ++i;
        continue;
      }
      const Running done = std::move(running_[i]);
      running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
      finish(done, queue);
    }
  }

  /// Begins it when that has not been done.
  bool is_sealed(Running& running) {
    if (!running.sealing) {
      // It may have been too quick to be seen at it.
      if (room_.look()) find_floods();
      const Supervised& s = *running.supervised;
      ArtifactLimits limits;
      limits.files = std::min(limits.files, most_files_of_a_run - std::min(most_files_of_a_run, files_kept_));
      running.sealing =
          std::make_unique<Sealing>(artifacts(), running.start.id, s.own_files(), s.named_files(), limits);
    }
    if (!running.sealing->done()) return false;
    files_kept_ += running.sealing->result().files;
    return true;
  }

  void finish(const Running& done, StageQueue& queue) {
    const Sealed& sealed = done.sealing->result();
    if (done.pending.trial->test->effect == catalog::Effect::destructive)
      door_.closed(done.start.target, stop_signals_.fd());
    const Judgement judgement = judge(done.supervised->evidence(), *done.pending.trial->test);
    const std::string& id = done.start.id;
    const bool of_machine = core::speaks_of_machine(done.pending.purpose) && done.start.injection.empty();
    for (const auto& m : judgement.measurements) journal_.measurement(id, m, done.start.target.id);
    for (const auto& f : judgement.findings) journal_.finding(id, f, done.start.target.id, of_machine);
    for (const auto& repeats : done.supervised->evidence().repeats) journal_.repeats(id, repeats);
    for (const auto& place : done.supervised->evidence().failed_places) journal_.failed_place(id, place);
    if (of_machine && judgement.end.status == core::Status::complete) keep_covered(id, done.supervised->evidence());
    for (const auto& line : done.supervised->evidence().log) journal_.log(id, line);
    for (const auto& note : sealed.notes) journal_.log(id, {"host", "WARNING", note});
    if (done.kept && !bound_kept_file(done.kept.get()))
      journal_.log(id, {"host", "WARNING", "The file that is kept for the next trial was too large, and was emptied."});
    for (const auto& error : done.supervised->evidence().errors) journal_.error(id, {"plugin", error});
    if (judgement.end.status != core::Status::complete && judgement.end.status != core::Status::skipped)
      journal_.error(id, {std::string("trial-") + std::string(core::name(judgement.end.status)), judgement.end.reason});
    for (const auto& file : done.supervised->files(sealed.kept)) journal_.file(id, file);
    int number = 0;
    for (const auto& series : done.supervised->series(sealed.kept)) journal_.series(id, number++, series);
    for (size_t i = 0; i < done.sensors.size(); ++i) {
      const watch::Signal& sensor = signals_.list()[i];
      const watch::Statistics& s = done.sensors[i];
      if (s.count > 0)
        journal_.series(id, number++, {sensor.name, sensor.unit, "", s.count, 0, s.least, s.mean(), s.greatest});
    }
    journal_.trial_end(id, judgement.end);
    if (judgement.end.status == core::Status::complete) round_tested_ = true;
    if (judgement.end.status == core::Status::skipped) queue.leave_out(done.pending.trial);
    observer_.trial_ended(done.start, judgement.end, judgement.findings);
    // A test that has repeated its failure on the same piece of hardware knows more than a new process would.
    const bool confirmed = is_repeated(judgement.findings, done.supervised->evidence().repeats);
    if (!confirmed && judgement.end.result == Result::fail && done.pending.purpose == Purpose::test && !stopped_ &&
        failed_.insert(done.start.test + "|" + done.start.target.id).second)
      queue.confirm(done.pending, id, plan_.confirm);
  }

  /// A failure that the test has looked for again itself; what it says of other codes confirms nothing.
  static bool is_repeated(const std::vector<core::Finding>& findings, const std::vector<journal::Repeats>& repeats) {
    return std::any_of(repeats.begin(), repeats.end(), [&](const journal::Repeats& again) {
      return again.repeats > 0 && std::any_of(findings.begin(), findings.end(), [&](const core::Finding& finding) {
               return finding.severity == Result::fail && finding.code == again.code;
             });
    });
  }

  /// What a trial tested, for the comparison after a repair: in a folder that no plugin can write to. What cannot be
  /// kept counts as not tested.
  void keep_covered(const std::string& id, const Evidence& evidence) {
    if (evidence.covered.empty() && evidence.covered_pieces.empty()) return;
    std::error_code error;
    std::filesystem::create_directory(settings_.folder + "/artifacts/covered", error);
    std::map<std::string, std::string> files;
    for (const auto& [space, ranges] : evidence.covered) {
      const std::string file = "artifacts/covered/" + id + "-" + space;
      std::ofstream out(settings_.folder + "/" + file, std::ios::binary | std::ios::trunc);
      out << ranges.to_text();
      out.close();
      if (out) files[space] = file;
    }
    journal_.covered(id, files, {evidence.covered_pieces.begin(), evidence.covered_pieces.end()});
  }

  void report_progress(const plan::PlannedStage& stage, double spent, const StageQueue& queue) {
    if (core::seconds_since(last_progress_ns_) < 1e-3 * tick_ms) return;
    last_progress_ns_ = core::monotonic_ns();
    std::string doing;
    double left = 0;
    for (const Running& running : running_) {
      const Supervised& s = *running.supervised;
      doing += (doing.empty() ? "" : ", ") + running.start.test + " " + running.start.target.id;
      left = std::max(left, running.pending.trial->seconds - s.seconds());
    }
    const double stage_left = stage.repeat ? std::max(left, stage.seconds - spent) : left + queue.seconds();
    double rest = std::max(0.0, stage_left);
    for (const auto& later : plan_.stages)
      if (&later > &stage) rest += later.seconds;
    const double total = seconds_done_ + spent + rest;
    observer_.progress(total <= 0 ? 0 : std::min(1.0, (total - rest) / total), doing, rest);
  }

  const plan::ResolvedPlan& plan_;
  const Settings& settings_;
  journal::Writer& journal_;
  Observer& observer_;
  TargetDoor door_;
  StopSignals stop_signals_;
  watch::KernelLog kernel_;
  watch::Signals signals_;
  watch::Sampler sampler_;
  SignalFiles signal_files_;
  Room room_;
  std::vector<std::unique_ptr<Sealing>> left_over_;  // of trials that an earlier part of the run did not end
  size_t files_kept_ = 0;
  const journal::Record* before_ = nullptr;
  std::set<std::string> finished_, failed_, overwritten_;
  std::map<std::string, std::pair<double, double>> spans_;
  std::map<std::string, int> confirmed_;
  std::vector<Running> running_;
  int64_t clock_start_ns_ = core::monotonic_ns(), last_sample_ns_ = 0, last_room_ns_ = 0, last_progress_ns_ = 0;
  double seconds_done_ = 0;
  int next_id_ = 1;
  bool stopped_ = false, told_lost_ = false, made_room_ = false;
  bool ran_in_stage_ = false, round_tested_ = false;  // a trial was started; one of this round ran to its end
};

}  // namespace

std::vector<journal::SignalInfo> signals_of(const inventory::SystemRoot& root, const inventory::Machine& machine) {
  std::vector<journal::SignalInfo> result;
  const watch::Signals signals(root, machine);
  for (const watch::Signal& signal : signals.list())
    result.push_back({signal.name, signal.kind, signal.unit,
                      fmt::format("artifacts/watch/signal-{:02}.f64", result.size()), signal.high});
  return result;
}

double last_sign_of_life(const std::string& run_folder, const journal::Record& record) {
  double seconds = std::max(record.seconds, last_sample(run_folder, record.start.signals));
  for (const journal::Trial& trial : record.trials) seconds = std::max(seconds, trial.start.at_seconds);
  return seconds;
}

void run(const plan::ResolvedPlan& plan, const inventory::SystemRoot& root, const inventory::Machine& machine,
         const Settings& settings, const std::vector<journal::SignalInfo>& signals, journal::Writer& journal,
         Observer& observer, const journal::Record* before) {
  Run engine(plan, root, machine, settings, signals, journal, observer, before);
  try {
    engine.go();
  } catch (...) {
    engine.abandon();
    throw;
  }
}

}  // namespace assay::engine
