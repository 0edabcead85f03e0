// Files of sysfs, as drivers write them. Where a driver gives no value there is none.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace peripherals {

/// The first word of a file; empty where it is not there or cannot be read.
std::string read(const std::string& path);
std::optional<double> number(const std::string& path);
/// Names in a folder, sorted.
std::vector<std::string> list(const std::string& folder);
/// Up to four digits, as people read them.
std::string shown(double value);

}  // namespace peripherals
