// Temperatures and fans, sampled while trials run.
#pragma once

#include <string>
#include <vector>

#include "inventory/machine.hpp"

namespace assay::watch {

/// What a sensor showed over some time.
struct Statistics {
  uint64_t count = 0;
  double least = 0, greatest = 0, sum = 0;
  void add(double value);
  double mean() const { return count == 0 ? 0 : sum / static_cast<double>(count); }
};

class Sensors {
 public:
  /// Follows the sensors that the inventory found. Keeps a reference to `root`.
  Sensors(const inventory::SystemRoot& root, std::vector<inventory::Sensor> sensors);

  const std::vector<inventory::Sensor>& list() const { return sensors_; }
  /// Reads all of them now; NaN where one cannot be read.
  std::vector<double> sample() const;

 private:
  const inventory::SystemRoot& root_;
  std::vector<inventory::Sensor> sensors_;
};

}  // namespace assay::watch
