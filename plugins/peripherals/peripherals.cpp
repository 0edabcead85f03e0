// The plugin `peripherals`: network links, batteries, temperatures and fans, as sysfs shows them.
#include <dirent.h>

#include <algorithm>
#include <assay/plugin.hpp>
#include <cstdio>
#include <fstream>
#include <vector>

namespace {

/// The first word of a sysfs file; empty where it is not there or has no value.
std::string read(const std::string& path) {
  std::ifstream file(path);
  std::string text;
  file >> text;
  return text;
}

/// The number in a sysfs file, or `otherwise`.
double number(const std::string& path, double otherwise = 0) {
  double value = otherwise;
  return std::sscanf(read(path).c_str(), "%lf", &value) == 1 ? value : otherwise;
}

std::vector<std::string> list(const std::string& folder) {
  std::vector<std::string> names;
  DIR* directory = opendir(folder.c_str());
  if (directory == nullptr) return names;
  while (const dirent* entry = readdir(directory))
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  closedir(directory);
  std::sort(names.begin(), names.end());
  return names;
}

bool is_stand_in(const assay::Trial& trial) { return trial.target_attribute("stand_in") == "1"; }

std::string shown(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

class NetworkLink {
 public:
  static constexpr auto id = "peripherals.network-link";
  static constexpr auto binds = "network";
  static constexpr auto parameters = assay::names();
  static constexpr auto measurements = assay::names("errors", "speed");
  static constexpr auto injections = assay::names("bad-frames", "half-duplex");

  void run(assay::Trial& trial) {
    Link link = is_stand_in(trial) ? Link{true, 1000, "full", 0} : look(trial.target_attribute("name"));
    // A cable that is not plugged in is no fault of the machine; a planted fault needs a link to show on.
    if (trial.injects("bad-frames")) link.up = true, link.errors += 100;
    if (trial.injects("half-duplex")) link.up = true, link.duplex = "half";
    if (!link.up) throw assay::Skip{"absent", "no cable or no partner on " + trial.target_attribute("name")};
    if (link.duplex == "half")
      trial.finding(assay::Severity::marginal, "half-duplex", "The link runs half duplex: cable, port or partner.",
                    trial.target());
    trial.measure("errors", link.errors);
    trial.measure("speed", link.speed);
  }

 private:
  struct Link {
    bool up;
    double speed;
    std::string duplex;
    double errors;
  };

  static Link look(const std::string& name) {
    const std::string folder = "/sys/class/net/" + name + "/";
    const std::string counters = folder + "statistics/";
    return {number(folder + "carrier") > 0, std::max(0.0, number(folder + "speed")), read(folder + "duplex"),
            number(counters + "rx_crc_errors") + number(counters + "rx_frame_errors") +
                number(counters + "tx_carrier_errors")};
  }
};

class Battery {
 public:
  static constexpr auto id = "peripherals.battery";
  static constexpr auto binds = "battery";
  static constexpr auto parameters = assay::names();
  static constexpr auto measurements = assay::names("capacity");
  static constexpr auto injections = assay::names("worn-out");

  void run(assay::Trial& trial) {
    const std::string folder = "/sys/class/power_supply/" + trial.target_attribute("name") + "/";
    double design = number(folder + "energy_full_design", number(folder + "charge_full_design"));
    double full = number(folder + "energy_full", number(folder + "charge_full"));
    if (is_stand_in(trial)) design = 50, full = 49;
    if (design <= 0 || full <= 0)
      throw assay::Skip{"not-supported", "the battery does not say what it could hold when new, or holds now"};
    if (trial.injects("worn-out")) full = 0.3 * design;
    trial.measure("capacity", 100 * full / design);
  }
};

class Sensors {
 public:
  static constexpr auto id = "peripherals.sensors";
  static constexpr auto binds = "sensor";
  static constexpr auto parameters = assay::names();
  static constexpr auto measurements = assay::names("sensors", "least-margin", "stopped-fans");
  static constexpr auto injections = assay::names("overheat", "stop-fan");

  void run(assay::Trial& trial) {
    std::vector<Temperature> temperatures;
    std::vector<Fan> fans;
    if (is_stand_in(trial)) {
      temperatures.push_back({"stand-in", 45, 100});
      fans.push_back({"stand-in", 900, 300});
    } else {
      look(temperatures, fans);
    }
    if (trial.injects("overheat")) temperatures.insert(temperatures.begin(), {"planted", 99, 100});
    if (trial.injects("stop-fan")) fans.insert(fans.begin(), {"planted", 0, 300});
    double margin = 1000;
    for (const Temperature& t : temperatures) {
      margin = std::min(margin, t.critical - t.now);
      if (t.now > t.critical - 5)
        trial.finding(
            t.now >= t.critical ? assay::Severity::fail : assay::Severity::marginal, "hot",
            t.name + " is at " + shown(t.now) + " °C; the most it should reach is " + shown(t.critical) + " °C.",
            t.name);
    }
    int stopped = 0;
    for (const Fan& fan : fans)
      if (fan.least > 0 && fan.now < fan.least && ++stopped > 0)
        trial.fail(
            "fan-stopped",
            fan.name + " turns at " + shown(fan.now) + " rpm; it should turn at " + shown(fan.least) + " or more.",
            fan.name);
    trial.measure("sensors", static_cast<double>(temperatures.size() + fans.size()));
    trial.measure("least-margin", margin);
    trial.measure("stopped-fans", stopped);
  }

 private:
  struct Temperature {
    std::string name;
    double now, critical;  // degrees Celsius
  };
  struct Fan {
    std::string name;
    double now, least;  // revolutions per minute; least 0: the board states none
  };

  /// The device's own limit before any constant; 100 °C where it gives none.
  static void look(std::vector<Temperature>& temperatures, std::vector<Fan>& fans) {
    for (const std::string& chip : list("/sys/class/hwmon")) {
      const std::string folder = "/sys/class/hwmon/" + chip + "/", chip_name = read(folder + "name");
      for (const std::string& file : list(folder)) {
        const auto end = file.find("_input");
        if (end == std::string::npos) continue;
        const std::string stem = file.substr(0, end), name = chip_name + " " + stem;
        if (stem.rfind("temp", 0) == 0)
          temperatures.push_back({name, number(folder + file) * 1e-3,
                                  number(folder + stem + "_crit", number(folder + stem + "_max", 100'000)) * 1e-3});
        if (stem.rfind("fan", 0) == 0) fans.push_back({name, number(folder + file), number(folder + stem + "_min")});
      }
    }
    for (const std::string& zone : list("/sys/class/thermal"))
      if (zone.rfind("thermal_zone", 0) == 0) {
        const std::string folder = "/sys/class/thermal/" + zone + "/";
        temperatures.push_back({read(folder + "type"), number(folder + "temp") * 1e-3, 100});
      }
  }
};

}  // namespace

ASSAY_PLUGIN(NetworkLink, Battery, Sensors)
