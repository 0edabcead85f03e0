// One trial in the air: its process, its deadlines, and the evidence as it grows.
#pragma once

#include <poll.h>

#include <array>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "artifacts.hpp"
#include "engine/evidence.hpp"
#include "runner/frame.hpp"
#include "runner/process.hpp"
#include "watch/statistics.hpp"

namespace assay::engine {

/// Patience, in seconds, between the steps of ending a trial.
struct Patience {
  double cancel = 2;     // from the request to stop to SIGTERM
  double terminate = 2;  // from SIGTERM to SIGKILL
  double kill = 5;       // from SIGKILL to leaving it behind
  double leave = 5;      // from its last message to SIGKILL
  double closed = 0.5;   // from a closed channel to taking it for a trick
};

/// Output of a plugin, kept up to a bound and counted beyond it.
class Captured {
 public:
  void take(const char* bytes, size_t count);
  const std::string& text() const { return text_; }
  uint64_t total() const { return total_; }

 private:
  std::string text_;
  uint64_t total_ = 0;
};

class Supervised {
 public:
  /// Takes over a started process. `folder` is the trial's artifact folder.
  Supervised(std::string id, runner::Process process, std::string folder, double time_limit);

  const std::string& id() const { return id_; }
  Evidence& evidence() { return evidence_; }
  double seconds() const;
  double progress() const { return progress_; }
  const std::string& doing() const { return doing_; }

  /// The descriptors to wait for, in a fixed order; -1 for those that are closed.
  std::array<pollfd, 4> descriptors() const;
  /// Reads what has come.
  void read(const std::array<pollfd, 4>& ready);
  /// Looks at the clock: asks, terminates, kills. Call it at least every 0.2 s.
  void tick();
  /// The user wants to end: asked at once; a second time kills.
  void stop_by_user(bool at_once);
  /// As if its time limit had come now.
  void end_its_time();
  /// Ends it because of what it leaves on the disk, if it has not ended already: `why` says how much that is.
  void end_as_flood(const std::string& why);
  /// Kills the process and waits for it.
  void end_now();
  /// True when the process has ended, or has been given up.
  bool ended() const { return ended_; }

  /// For the conformance kit: sees every frame as it comes.
  void on_frame(std::function<void(const runner::Frame&)> observer) { on_frame_ = std::move(observer); }
  void add_kernel(const core::Finding& finding) { evidence_.kernel.push_back(finding); }
  /// What it named and what the host wrote for it, as names in the artifact folder.
  std::vector<std::string> named_files() const;
  std::vector<OwnFile> own_files() const;
  /// What is in the record of these: only what is `kept` (by name) has a file there.
  std::vector<journal::File> files(const std::vector<std::string>& kept) const;
  std::vector<journal::SeriesSummary> series(const std::vector<std::string>& kept) const;

 private:
  enum class Step { running, cancelled, terminated, killed };
  void take(const runner::Frame& frame);
  void take_place(const runner::Frame& frame);
  void open_series(const std::string& name, const std::string& unit);
  void take_series(bool last = false);
  void advance(Step step, EndedBy by);
  void finish();
  void read_frames(size_t most);
  void keep(const core::Finding& finding);
  void log(const std::string& source, const std::string& level, const std::string& text);

  struct SeriesFile {
    std::string name, unit, file;  // file: its name in the artifact folder
    watch::Statistics statistics;
    core::UniqueFd kept;                                     // open for reading, whatever becomes of its name
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> stream;  // null when it could not be made
  };

  std::string id_, folder_;
  runner::Process process_;
  runner::FrameReader reader_;
  std::function<void(const runner::Frame&)> on_frame_;
  Evidence evidence_;
  Captured output_, errors_;
  std::vector<journal::File> files_;
  std::vector<SeriesFile> series_;
  Step step_ = Step::running;
  int64_t started_ns_, step_ns_, limit_ns_, closed_ns_ = 0, said_end_ns_ = 0;
  size_t host_lines_ = 0, plugin_lines_ = 0;
  uint64_t lost_lines_ = 0, lost_findings_ = 0, lost_files_ = 0, dropped_samples_ = 0, odd_samples_ = 0;
  uint64_t sample_bytes_ = 0;
  std::vector<runner::Sample> early_;               // of series that have not been opened yet
  core::Result mildest_kept_ = core::Result::none;  // of the findings, once there are as many as are kept
  int continued_ = 0;
  double progress_ = 0;
  std::string doing_;
  bool progress_overrun_ = false, ended_ = false;
};

}  // namespace assay::engine
