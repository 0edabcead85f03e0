// peripherals.sensors: every temperature against the device's own limit, every fan against what it did before in the
// run.
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <sstream>

#include "readings.hpp"
#include "sysfs.hpp"
#include "tests.hpp"

namespace peripherals {
namespace {

constexpr double kelvin = 1e-3;  // sysfs counts in thousandths

std::optional<double> degrees(const std::string& path) {
  const auto value = number(path);
  return value ? std::optional(*value * kelvin) : std::nullopt;
}

bool flag(const std::string& path) { return number(path).value_or(0) == 1; }

bool is_one_of(const std::string& name, std::initializer_list<const char*> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Sensors in the processor itself.
bool is_on_die(const std::string& chip) {
  return is_one_of(chip, {"coretemp", "k8temp", "k10temp", "zenpower", "x86_pkg_temp", "cpu_thermal", "cpu-thermal"});
}

/// Graphics parts and power supplies stop their own fans when they are cool.
bool rests_by_itself(const std::string& chip) {
  return is_one_of(chip, {"amdgpu", "radeon", "nouveau", "i915", "xe", "corsairpsu"});
}

/// Where a chip hangs: its number in hwmon can be another after a restart.
std::string place_of(const std::string& folder) {
  char* real = realpath((folder + "device").c_str(), nullptr);
  std::string place = real == nullptr ? folder : real;
  std::free(real);
  return place;
}

Temperature temperature(const std::string& path, const std::string& name, const std::string& chip, double now) {
  Temperature t{name, now, degrees(path + "_crit"), degrees(path + "_max"), is_on_die(chip), false, false};
  if (!t.critical) t.critical = degrees(path + "_emergency");
  t.says_fault = flag(path + "_fault");
  t.says_alarm = flag(path + "_alarm") || flag(path + "_max_alarm") || flag(path + "_crit_alarm");
  return t;
}

Fan fan(const std::string& folder, const std::string& stem, const std::string& chip, double now) {
  const std::string path = folder + stem;
  Fan f{
      chip + " " + stem, place_of(folder) + "/" + stem, now, 0, number(path + "_min").value_or(0), false, false, false};
  f.told_to_rest = number(folder + "pwm" + stem.substr(3)) == 0.0 || rests_by_itself(chip);
  f.says_fault = flag(path + "_fault");
  f.says_alarm = flag(path + "_alarm") || flag(path + "_min_alarm");
  return f;
}

/// A thermal zone states its limits as points at which something happens.
Temperature zone(const std::string& folder, double now) {
  const std::string type = read(folder + "type");
  Temperature t{type, now, {}, {}, is_on_die(type), false, false};
  for (const std::string& file : list(folder)) {
    const auto end = file.find("_type");
    if (file.rfind("trip_point_", 0) != 0 || end == std::string::npos || read(folder + file) != "critical") continue;
    t.critical = degrees(folder + file.substr(0, end) + "_temp");
  }
  return t;
}

void look(std::vector<Temperature>& temperatures, std::vector<Fan>& fans) {
  for (const std::string& number_of_chip : list("/sys/class/hwmon")) {
    const std::string folder = "/sys/class/hwmon/" + number_of_chip + "/", chip = read(folder + "name");
    for (const std::string& file : list(folder)) {
      const auto end = file.find("_input");
      const auto now = end == std::string::npos ? std::nullopt : number(folder + file);
      if (!now) continue;
      const std::string stem = file.substr(0, end);
      if (stem.rfind("temp", 0) == 0)
        temperatures.push_back(temperature(folder + stem, chip + " " + stem, chip, *now * kelvin));
      if (stem.rfind("fan", 0) == 0) fans.push_back(fan(folder, stem, chip, *now));
    }
  }
  for (const std::string& name : list("/sys/class/thermal"))
    if (name.rfind("thermal_zone", 0) == 0) {
      const std::string folder = "/sys/class/thermal/" + name + "/";
      if (const auto now = degrees(folder + "temp")) temperatures.push_back(zone(folder, *now));
    }
}

/// The file that the trials of a run share: lines of "RPM PLACE", the most that was seen of each fan.
std::map<std::string, double> decode(const std::string& text) {
  std::map<std::string, double> most;
  std::istringstream lines(text);
  double rpm = 0;
  for (std::string place; lines >> rpm && std::getline(lines >> std::ws, place);) most[place] = rpm;
  return most;
}

void remember(std::vector<Fan>& fans) {
  const assay::Kept kept;
  if (!kept) return;
  flock(kept.descriptor(), LOCK_EX);  // until it is closed
  std::string text(size_t{1} << 16, '\0');
  const ssize_t got = pread(kept.descriptor(), text.data(), text.size(), 0);
  text.resize(got > 0 ? static_cast<size_t>(got) : 0);
  std::map<std::string, double> most = decode(text);
  text.clear();
  for (Fan& fan : fans) {
    double& rpm = most[fan.place];
    fan.before = turns(rpm) ? rpm : 0;
    if (turns(fan.now)) rpm = std::max(fan.before, fan.now);
  }
  for (const auto& [place, rpm] : most) text += shown(rpm) + " " + place + "\n";
  if (ftruncate(kept.descriptor(), 0) != 0 ||
      pwrite(kept.descriptor(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
    assay::log("what the fans do could not be kept; one that stops later is not noticed", ASSAY_WARNING);
}

assay::Severity severity(Remark::Kind kind) {
  return kind == Remark::Kind::fail       ? assay::Severity::fail
         : kind == Remark::Kind::marginal ? assay::Severity::marginal
                                          : assay::Severity::note;
}

}  // namespace

void Sensors::run(assay::Trial& trial) {
  std::vector<Temperature> temperatures;
  std::vector<Fan> fans;
  if (trial.target_attribute("stand_in") == "1") {
    temperatures.push_back({"stand-in", 45, 100, {}, false, false, false});
    fans.push_back({"stand-in", "stand-in", 900, 900, 300, false, false, false});
  } else {
    look(temperatures, fans);
    remember(fans);
  }
  if (trial.injects("overheat"))
    temperatures.insert(temperatures.begin(), {"planted", 99, 100, {}, false, false, false});
  if (trial.injects("stop-fan")) fans.insert(fans.begin(), {"planted", "planted", 0, 900, 300, false, false, false});
  const Judgement judgement = judge(temperatures, fans);
  for (const Remark& remark : judgement.remarks)
    trial.finding(severity(remark.kind), remark.code.c_str(), remark.text, remark.where);
  constexpr double no_limit = 1000;  // as the manifest says
  trial.measure("sensors", judgement.read);
  trial.measure("least-margin", judgement.margin.value_or(no_limit));
  trial.measure("stopped-fans", judgement.stopped_fans);
}

}  // namespace peripherals
