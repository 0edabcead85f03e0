// What the machine was like at the moment of a fault: the clock of the core and the temperature of the processor.
#pragma once

#include <string>

namespace cpu {

/// "at 3200 MHz and 61 °C", or less where less is known; empty where nothing is. `root` is the folder in which /sys and
/// /proc are looked for, for tests.
std::string conditions(int core, const std::string& root = "");

}  // namespace cpu
