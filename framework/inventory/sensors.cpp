// Temperatures and fans. What a board left unset, or cannot mean, is no limit and no reading.
#include <cmath>

#include "core/text.hpp"
#include "readers.hpp"

namespace assay::inventory {
namespace {

/// No part of a machine that runs indoors is colder or hotter; 127, -128 and 255 are what an open input reads.
constexpr double coldest = -40, hottest = 126;
constexpr double least_limit = 20;  // degrees Celsius: 0 and less stand for "none" everywhere
constexpr double fastest = 30000;   // rpm; 65535 and 1350000 are counters that never counted

std::string doubt(const std::string& kind, double value) {
  if (kind == "temperature" && (value <= coldest || value >= hottest)) return "nothing seems to be connected";
  if (kind == "fan" && value <= 0) return "it does not turn, or nothing is connected";
  if (kind == "fan" && value > fastest) return "no fan turns so fast";
  return "";
}

double limit_of(const SystemRoot& root, const std::string& path) {
  const double limit = static_cast<double>(root.number(path).value_or(0)) * 0.001;
  return limit > least_limit && limit < hottest ? limit : 0;
}

}  // namespace

void read_sensors(const SystemRoot& root, Machine& machine) {
  const auto add = [&](Sensor sensor, double scale, const std::string& high, const std::string& critical) {
    const auto value = root.number(sensor.input);
    if (!value) return;
    sensor.value = static_cast<double>(*value) * scale;
    sensor.doubt = doubt(sensor.kind, sensor.value);
    sensor.high = limit_of(root, high);
    sensor.critical = limit_of(root, critical);
    machine.sensors.push_back(sensor);
  };
  for (const std::string& chip : root.list("/sys/class/hwmon")) {
    const std::string folder = "/sys/class/hwmon/" + chip;
    const std::string name = root.text(folder + "/name").value_or(chip);
    for (const std::string& file : root.list(folder)) {
      const auto underscore = file.find("_input");
      if (underscore == std::string::npos) continue;
      const std::string stem = file.substr(0, underscore), path = folder + "/" + stem;
      const std::string label = root.text(path + "_label").value_or(stem);
      if (stem.rfind("temp", 0) == 0)
        add({chip + "/" + stem, name, label, "temperature", folder + "/" + file, 0, 0, 0, ""}, 0.001, path + "_max",
            path + "_crit");
      if (stem.rfind("fan", 0) == 0)
        add({chip + "/" + stem, name, label, "fan", folder + "/" + file, 0, 0, 0, ""}, 1, "", "");
    }
  }
  for (const std::string& zone : root.list("/sys/class/thermal")) {
    const std::string folder = "/sys/class/thermal/" + zone;
    if (zone.rfind("thermal_zone", 0) == 0)
      add({zone, root.text(folder + "/type").value_or(zone), "zone", "temperature", folder + "/temp", 0, 0, 0, ""},
          0.001, "", "");
  }
}

}  // namespace assay::inventory
