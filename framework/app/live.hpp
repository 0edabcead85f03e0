// What a run does at this moment, in a small file of its own beside the journal: for `assay serve` and for whoever
// else looks. It goes away when the run has ended.
#pragma once

#include <memory>
#include <string>

#include "engine/engine.hpp"

namespace assay::app {

/// Passes everything on to `inner`, and writes FOLDER/live.json about once a second.
class Live : public engine::Observer {
 public:
  Live(std::string folder, engine::Observer& inner);
  ~Live() override;

  void stage_started(const plan::PlannedStage& stage) override;
  void trial_started(const journal::TrialStart& start) override;
  void progress(double fraction, const std::string& doing, double seconds_left) override;
  void trial_ended(const journal::TrialStart& start, const journal::TrialEnd& end,
                   const std::vector<core::Finding>& findings) override;
  void signals(const std::vector<watch::Signal>& signals, const std::vector<double>& values) override;
  void warning(const std::string& text) override;

 private:
  void write();
  std::string path_;
  engine::Observer& inner_;
  std::string stage_, doing_;
  double fraction_ = 0, left_ = 0, temperature_ = 0;
  int64_t written_ns_ = 0;
};

/// The highest temperature among the signals; NaN when there is none.
double hottest(const std::vector<watch::Signal>& signals, const std::vector<double>& values);

}  // namespace assay::app
