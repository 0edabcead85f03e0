#include "live.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "core/clock.hpp"
#include "core/text.hpp"
#include "core/unique_fd.hpp"

namespace assay::app {

double hottest(const std::vector<watch::Signal>& signals, const std::vector<double>& values) {
  double most = std::nan("");
  for (size_t i = 0; i < signals.size() && i < values.size(); ++i)
    if (signals[i].kind == "temperature" && !(values[i] <= most)) most = values[i];
  return most;
}

Live::Live(std::string folder, engine::Observer& inner)
    : path_(std::move(folder) + "/live.json"), inner_(inner), temperature_(std::nan("")) {}

Live::~Live() { unlink(path_.c_str()); }

void Live::stage_started(const plan::PlannedStage& stage) {
  stage_ = core::in_language(stage.title, "en");
  inner_.stage_started(stage);
}

void Live::trial_started(const journal::TrialStart& start) { inner_.trial_started(start); }

void Live::progress(double fraction, const std::string& doing, double seconds_left) {
  fraction_ = fraction;
  doing_ = doing;
  left_ = seconds_left;
  inner_.progress(fraction, doing, seconds_left);
  if (core::seconds_since(written_ns_) >= 1) write();
}

void Live::trial_ended(const journal::TrialStart& start, const journal::TrialEnd& end,
                       const std::vector<core::Finding>& findings) {
  inner_.trial_ended(start, end, findings);
}

void Live::signals(const std::vector<watch::Signal>& signals, const std::vector<double>& values) {
  temperature_ = hottest(signals, values);
  inner_.signals(signals, values);
}

void Live::warning(const std::string& text) { inner_.warning(text); }

/// Whole or not at all; if it cannot be written, a page lacks its progress and the run goes on.
void Live::write() {
  written_ns_ = core::monotonic_ns();
  nlohmann::ordered_json live{{"at", core::timestamp(core::wall_ns())},
                              {"stage", stage_},
                              {"doing", doing_},
                              {"fraction", fraction_},
                              {"seconds_left", left_}};
  if (!std::isnan(temperature_)) live["temperature"] = temperature_;
  const std::string part = path_ + ".new";
  const std::string text = live.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  unlink(part.c_str());
  const core::UniqueFd file(open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  const bool written = file && ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (!written || std::rename(part.c_str(), path_.c_str()) != 0) unlink(part.c_str());
}

}  // namespace assay::app
