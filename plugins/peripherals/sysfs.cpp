#include "sysfs.hpp"

#include <dirent.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>

namespace peripherals {

std::string read(const std::string& path) {
  std::ifstream file(path);
  std::string text;
  file >> text;
  return text.substr(0, 100);
}

std::optional<double> number(const std::string& path) {
  double value = 0;
  if (std::sscanf(read(path).c_str(), "%lf", &value) != 1 || !std::isfinite(value)) return std::nullopt;
  return value;
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

std::string shown(double value) {
  char text[32];
  std::snprintf(text, sizeof text, std::fabs(value) < 1000 ? "%.4g" : "%.0f", value);
  return text;
}

}  // namespace peripherals
