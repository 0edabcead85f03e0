#include "progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "core/clock.hpp"
#include "core/text.hpp"
#include "live.hpp"
#include "output.hpp"

namespace assay::app {
namespace {

std::string outcome(const journal::TrialEnd& end) {
  if (end.status == core::Status::complete) return std::string(core::name(end.result));
  return std::string(core::name(end.status)) + (end.result == core::Result::fail ? ", fail" : "");
}

class Lines : public engine::Observer {
 public:
  explicit Lines(bool terminal) : terminal_(terminal) {}
  ~Lines() override { erase(); }

  void stage_started(const plan::PlannedStage& stage) override {
    stage_ = core::in_language(stage.title, "en");
    print(fmt::format("{} (about {})", stage_, core::format_duration(stage.seconds)));
  }
  void signals(const std::vector<watch::Signal>& signals, const std::vector<double>& values) override {
    temperature_ = hottest(signals, values);
  }
  void progress(double fraction, const std::string& doing, double left) override {
    if (!terminal_) return;
    const std::string heat = std::isnan(temperature_) ? "" : fmt::format("{:.0f} °C  ", temperature_);
    const std::string line =
        fmt::format("{:3.0f} %  {} left  {}{}: {}", fraction * 100, core::format_duration(left), heat, stage_, doing);
    // One line, whatever the terminal's width is at this moment: a line that wraps could not be taken back.
    winsize window{};
    const bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 10;
    erase_line();
    say("%s", core::safe_text(line, known ? window.ws_col - 4u : 76).c_str());
    std::fflush(stdout);
    open_ = true;
  }
  void trial_ended(const journal::TrialStart& start, const journal::TrialEnd& end,
                   const std::vector<core::Finding>& findings) override {
    std::string what = start.test + " " + start.target.id;
    if (start.purpose == core::Purpose::injection) what += " with simulated fault " + start.injection;
    if (start.purpose == core::Purpose::control) what += " without a fault";
    if (start.purpose == core::Purpose::confirm) what += " again";
    print(fmt::format("  {:<58} {:<14} {}", what, outcome(end), core::format_duration(end.seconds)));
    if (end.status != core::Status::complete) print("    " + end.reason);
    if (start.purpose == core::Purpose::test)
      for (const core::Finding& finding : findings)
        if (finding.severity != core::Result::none) print(fmt::format("    {} {}", finding.text, finding.where));
  }
  void warning(const std::string& text) override {
    erase();
    complain("%s\n", text.c_str());
  }

 private:
  void erase() {
    if (open_) erase_line(), std::fflush(stdout);
    open_ = false;
  }
  void print(const std::string& line) {
    erase();
    say("%s\n", line.c_str());
    std::fflush(stdout);
  }
  bool terminal_, open_ = false;
  std::string stage_;
  double temperature_ = std::nan("");
};

class JsonLines : public engine::Observer {
 public:
  void stage_started(const plan::PlannedStage& stage) override {
    print({{"event", "stage"}, {"stage", stage.id}, {"seconds", stage.seconds}, {"trials", stage.trials.size()}});
  }
  void trial_started(const journal::TrialStart& s) override {
    print({{"event", "trial-start"},
           {"trial", s.id},
           {"test", s.test},
           {"target", s.target.id},
           {"purpose", core::name(s.purpose)},
           {"injection", s.injection},
           {"seed", s.seed}});
  }
  void progress(double fraction, const std::string& doing, double left) override {
    if (core::seconds_since(last_ns_) < 1) return;
    last_ns_ = core::monotonic_ns();
    print({{"event", "progress"}, {"fraction", fraction}, {"seconds_left", left}, {"doing", doing}});
  }
  void trial_ended(const journal::TrialStart& s, const journal::TrialEnd& e,
                   const std::vector<core::Finding>& findings) override {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const auto& f : findings)
      list.push_back({{"severity", core::name(f.severity)}, {"code", f.code}, {"text", f.text}, {"where", f.where}});
    print({{"event", "trial-end"},
           {"trial", s.id},
           {"test", s.test},
           {"target", s.target.id},
           {"purpose", core::name(s.purpose)},
           {"status", core::name(e.status)},
           {"result", core::name(e.result)},
           {"reason", e.reason},
           {"seconds", e.seconds},
           {"findings", list}});
  }
  void warning(const std::string& text) override { print({{"event", "warning"}, {"text", text}}); }

 private:
  static void print(const nlohmann::ordered_json& event) {
    say_json(event, -1);
    std::fflush(stdout);
  }
  int64_t last_ns_ = 0;
};

}  // namespace

std::unique_ptr<engine::Observer> make_progress(bool json) {
  if (json) return std::make_unique<JsonLines>();
  return std::make_unique<Lines>(isatty(STDOUT_FILENO) == 1);
}

}  // namespace assay::app
