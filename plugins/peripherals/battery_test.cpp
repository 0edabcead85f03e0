// peripherals.battery: what it holds when full, against what it held when new.
#include "sysfs.hpp"
#include "tests.hpp"

namespace peripherals {
namespace {

struct Capacity {
  double design = 0, full = 0;  // of one unit
};

/// Of energy or of charge, never of one and the other.
Capacity look(const std::string& folder) {
  for (const std::string of : {"energy", "charge"}) {
    const double design = number(folder + of + "_full_design").value_or(0);
    const double full = number(folder + of + "_full").value_or(0);
    if (design > 0 && full > 0) return {design, full};
  }
  return {};
}

}  // namespace

void Battery::run(assay::Trial& trial) {
  const std::string folder = "/sys/class/power_supply/" + trial.target_attribute("name") + "/";
  const bool stand_in = trial.target_attribute("stand_in") == "1";
  if (!stand_in && number(folder + "present") == 0.0) throw assay::Skip{"absent", "the battery's bay is empty"};
  Capacity capacity = stand_in ? Capacity{50, 49} : look(folder);
  if (capacity.design <= 0)
    throw assay::Skip{"not-supported", "the battery does not say what it could hold when new, or holds now"};
  // None holds twice what it was made for: one of the two values is unset.
  if (capacity.full > 2 * capacity.design)
    throw assay::Skip{"not-supported", "the battery says that it holds more than twice what it was made for"};
  if (trial.injects("worn-out")) capacity.full = 0.3 * capacity.design;
  trial.measure("capacity", 100 * capacity.full / capacity.design);
}

}  // namespace peripherals
