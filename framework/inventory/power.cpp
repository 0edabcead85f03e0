// Batteries and power supplies.
#include "core/text.hpp"
#include "readers.hpp"

namespace assay::inventory {
namespace {

/// Files of one supply. A battery speaks of energy in microwatt-hours or of charge in microampere-hours; what it does
/// not say is 0.
class Supply {
 public:
  Supply(const SystemRoot& root, const std::string& name)
      : root_(root), folder_("/sys/class/power_supply/" + name + "/") {}

  std::string text(const char* file) const { return root_.text(folder_ + file).value_or(""); }
  double number(const char* file) const { return static_cast<double>(root_.number(folder_ + file).value_or(0)); }
  bool says(const char* file, int64_t value) const { return root_.number(folder_ + file) == value; }

  void read_capacity(Battery& battery) const {
    battery.design_wh = watt_hours(number("energy_full_design"));
    battery.full_wh = watt_hours(number("energy_full"));
    if (battery.design_wh > 0 || battery.full_wh > 0) return;
    battery.design_wh = watt_hours(number("charge_full_design") * volts());
    battery.full_wh = watt_hours(number("charge_full") * volts());
  }

 private:
  /// What a battery of a portable machine can hold; the rest is unset.
  static double watt_hours(double micro) {
    constexpr double most = 10'000;
    const double result = micro * 1e-6;
    return result > 0 && result < most ? result : 0;
  }

  /// The voltage that it was made for; else the one that it has now.
  double volts() const {
    for (const char* file : {"voltage_min_design", "voltage_max_design", "voltage_now"})
      if (const double value = number(file) * 1e-6; value > 1 && value < 1000) return value;
    return 0;
  }

  const SystemRoot& root_;
  std::string folder_;
};

}  // namespace

void read_power(const SystemRoot& root, Machine& machine) {
  for (const std::string& name : root.list("/sys/class/power_supply")) {
    const Supply supply(root, name);
    if (supply.text("type") != "Battery" || supply.text("scope") == "Device") {
      machine.devices.push_back({"power", name, supply.text("type")});
      continue;
    }
    Battery battery;
    battery.name = name;
    battery.state = supply.text("status");
    battery.model = supply.text("model_name");
    battery.manufacturer = supply.text("manufacturer");
    battery.present = !supply.says("present", 0);
    if (battery.present) {
      supply.read_capacity(battery);
      const double cycles = supply.number("cycle_count");
      battery.cycles = cycles > 0 && cycles < 65535 ? static_cast<int>(cycles) : 0;
    }
    machine.batteries.push_back(battery);
  }
}

}  // namespace assay::inventory
