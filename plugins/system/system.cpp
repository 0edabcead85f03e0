// system.inventory: what runs against what is installed.
#include <assay/plugin.hpp>
#include <ctime>

namespace {

class Inventory {
 public:
  static constexpr auto id = "system.inventory";
  static constexpr auto binds = "machine";
  static constexpr auto parameters = assay::names();
  static constexpr auto measurements = assay::names("cores-offline", "memory-missing", "clock-backwards");
  static constexpr auto injections = assay::names("hide-core", "hide-module", "clock-step-back");

  void run(assay::Trial& trial) {
    cores(trial);
    memory(trial);
    clock(trial);
  }

 private:
  static double number(const assay::Trial& trial, const char* key) {
    const std::string text = trial.target_attribute(key);
    return text.empty() ? 0 : std::stod(text);
  }

  static void cores(const assay::Trial& trial) {
    double online = number(trial, "online_processors");
    if (trial.injects("hide-core")) online -= 1;
    trial.measure("cores-offline", number(trial, "present_processors") - online);
  }

  /// Firmware and integrated display keep some; an eighth is more than they do, and less than a module of up to eight.
  static void memory(const assay::Trial& trial) {
    double visible = number(trial, "visible_bytes");
    double installed = number(trial, "installed_bytes");
    if (installed <= 0) {
      installed = visible;
      assay::log("The firmware does not say how much memory is installed; only what Linux sees is known.");
    }
    if (trial.injects("hide-module")) visible *= 0.75;
    trial.measure("memory-missing", installed > visible ? 100 * (installed - visible) / installed : 0);
  }

  static int64_t now() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
  }

  static void clock(const assay::Trial& trial) {
    int64_t last = now();
    int backwards = 0;
    for (int i = 0; i < 100'000 && !trial.should_stop(); ++i) {
      int64_t time = now();
      if (i == 50'000 && trial.injects("clock-step-back")) time -= 1'000'000;
      if (time < last) ++backwards;
      last = time;
    }
    trial.measure("clock-backwards", backwards);
    const std::string source = trial.target_attribute("clock_source");
    if (source == "jiffies" || source == "refined-jiffies")
      trial.finding(assay::Severity::marginal, "clock-coarse",
                    "Linux fell back to a coarse clock: the processor's own is not usable.");
  }
};

}  // namespace

ASSAY_PLUGIN(Inventory)
