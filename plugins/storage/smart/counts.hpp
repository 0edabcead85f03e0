// What can be a count or a temperature, and what a drive left unset or says absurdly.
#pragma once

#include <string>

#include "smart/reading.hpp"

namespace smart {

/// A whole number that is not negative, below 2^48, and not all ones in a field of 16, 24 or 32 bits.
bool is_count(double value);

/// Keeps the value under `fact`; what cannot be a count is kept under "absurd." + fact, with its name and value for a
/// note. `most`: above it nobody believes the figure.
void add_count(const std::string& fact, const std::string& name, double value, Reading& reading, double most = 1e15);

/// Percent of a rated life: 0 to 255, as the standards have it; others are not known.
void add_used(const std::string& fact, double percent, Reading& reading);

/// A drive at 0 °C or below, or above 119 °C, has a sensor that is not there.
bool is_temperature(double celsius);

/// The first number of a text, with its sign, whatever groups its digits: "1,234 [631 MB]", "1 234"; NaN where none is.
double number_in(const std::string& text);

}  // namespace smart
