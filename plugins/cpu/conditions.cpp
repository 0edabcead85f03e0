#include "conditions.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace cpu {
namespace {

namespace fs = std::filesystem;

std::string first_line(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

/// In MHz; 0 where it is not known.
double clock_of(int core, const std::string& root) {
  const std::string khz =
      first_line(root + "/sys/devices/system/cpu/cpu" + std::to_string(core) + "/cpufreq/scaling_cur_freq");
  if (!khz.empty()) return std::strtod(khz.c_str(), nullptr) / 1000;
  std::ifstream file(root + "/proc/cpuinfo");
  bool this_core = false;
  for (std::string line; std::getline(file, line);) {
    const size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    if (line.rfind("processor", 0) == 0) this_core = std::atoi(line.c_str() + colon + 1) == core;
    if (this_core && line.rfind("cpu MHz", 0) == 0) return std::strtod(line.c_str() + colon + 1, nullptr);
  }
  return 0;
}

/// The hottest reading of the processor's own sensors, in °C (Linux: Documentation/hwmon); NaN where there is none.
double temperature(const std::string& root) {
  double hottest = NAN;
  std::error_code ignored;
  for (const auto& device : fs::directory_iterator(root + "/sys/class/hwmon", ignored)) {
    const std::string name = first_line(device.path() / "name");
    if (name != "coretemp" && name != "k10temp" && name != "zenpower" && name != "cpu_thermal") continue;
    for (const auto& entry : fs::directory_iterator(device.path(), ignored)) {
      const std::string file = entry.path().filename();
      if (file.rfind("temp", 0) != 0 || file.size() < 6 || file.compare(file.size() - 6, 6, "_input") != 0) continue;
      const std::string reading = first_line(entry.path());
      if (!reading.empty()) hottest = std::fmax(hottest, std::strtod(reading.c_str(), nullptr) / 1000);
    }
  }
  return hottest;
}

}  // namespace

std::string conditions(int core, const std::string& root) {
  const double clock = clock_of(core, root), heat = temperature(root);
  char text[80] = "";
  if (clock > 0 && !std::isnan(heat))
    std::snprintf(text, sizeof text, "at %.0f MHz and %.0f °C", clock, heat);
  else if (clock > 0)
    std::snprintf(text, sizeof text, "at %.0f MHz", clock);
  else if (!std::isnan(heat))
    std::snprintf(text, sizeof text, "at %.0f °C", heat);
  return text;
}

}  // namespace cpu
