#include "watch/sensors.hpp"

#include <algorithm>
#include <cmath>

namespace assay::watch {

void Statistics::add(double value) {
  if (std::isnan(value)) return;
  least = count == 0 ? value : std::min(least, value);
  greatest = count == 0 ? value : std::max(greatest, value);
  sum += value;
  ++count;
}

Sensors::Sensors(const inventory::SystemRoot& root, std::vector<inventory::Sensor> sensors)
    : root_(root), sensors_(std::move(sensors)) {}

std::vector<double> Sensors::sample() const {
  std::vector<double> values;
  for (const inventory::Sensor& sensor : sensors_) {
    const auto raw = root_.number(sensor.input);
    const double scale = sensor.kind == "fan" ? 1 : 0.001;
    values.push_back(raw ? static_cast<double>(*raw) * scale : std::nan(""));
  }
  return values;
}

}  // namespace assay::watch
