// system.inventory: what runs against what is installed.
#include <algorithm>
#include <assay/plugin.hpp>
#include <ctime>

namespace {

class Inventory {
 public:
  static constexpr auto id = "system.inventory";
  static constexpr auto binds = "machine";
  static constexpr auto parameters = assay::names();
  static constexpr auto measurements =
      assay::names("cores-offline", "cores-missing", "memory-missing", "clock-backwards");
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

  /// A core that is offline, or kept from this program, is a setting of this system: it is named, and is no fault. One
  /// that the firmware has enabled and that Linux does not know of is missing.
  static void cores(const assay::Trial& trial) {
    double present = number(trial, "present_processors");
    trial.measure("cores-offline", std::max(0.0, present - number(trial, "online_processors")));
    // The firmware counts cores and Linux their threads: fewer threads than cores means that cores are missing.
    double enabled = number(trial, "enabled_cores");
    if (enabled <= 0 || trial.injects("hide-core")) enabled = present;
    if (trial.injects("hide-core")) present -= 1;
    trial.measure("cores-missing", std::max(0.0, enabled - present));
    if (const std::string hidden = trial.target_attribute("hidden_cores"); !hidden.empty())
      trial.finding(assay::Severity::note, "cores-hidden", "Cores that cannot be tested: " + hidden + ".");
  }

  /// The graphics part, the firmware and the kernel keep some. What nobody is known to hold is missing when it is more
  /// than an eighth, which is more than they keep, and at least a module: less than that has not dropped out.
  static void memory(const assay::Trial& trial) {
    constexpr double usual = 0.125;
    double installed = number(trial, "installed_bytes");
    double there = std::max(number(trial, "visible_bytes"), number(trial, "accounted_bytes"));
    double module = number(trial, "least_module_bytes");
    if (installed <= 0) {
      installed = there;
      assay::log("The firmware does not say how much memory is installed; only what Linux sees is known.");
    }
    if (trial.injects("hide-module")) {
      if (module <= 0) module = installed / 4;
      there = std::max(0.0, there - std::max(module, installed / 4));
    }
    const double missing = std::max(0.0, installed - there);
    const bool gone = missing > usual * installed && missing >= module;
    trial.measure("memory-missing", gone ? 100 * missing / installed : 0);
    if (!gone && installed - number(trial, "visible_bytes") > usual * installed)
      trial.finding(
          assay::Severity::note, "memory-held",
          trial.target_attribute("unseen_memory") +
              (missing > usual * installed ? ". It is less than the smallest module, so none is missing: as a "
                                             "rule the graphics part or the firmware holds it."
                                           : ". No module is missing."));
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
