#include "counts.hpp"

#include <cctype>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace smart {

bool is_count(double value) {
  if (!std::isfinite(value) || value < 0 || value >= 281474976710655.0) return false;
  for (const double unset : {65535.0, 16777215.0, 4294967295.0})
    if (value == unset) return false;
  return true;
}

void add_count(const std::string& fact, const std::string& name, double value, Reading& reading, double most) {
  if (is_count(value) && value <= most) {
    reading.facts[fact] = value;
    return;
  }
  char text[60];
  std::snprintf(text, sizeof text, ": %.0f", value);
  reading.facts["absurd." + fact] = 1;
  reading.names["absurd." + fact] = name + text;
}

void add_used(const std::string& fact, double percent, Reading& reading) {
  if (percent >= 0 && percent <= 255) reading.facts[fact] = percent;
}

bool is_temperature(double celsius) { return celsius >= 1 && celsius < 120; }

double number_in(const std::string& text) {
  std::string digits;
  for (size_t i = 0; i < text.size() && text[i] != '[' && text[i] != '(' && text[i] != '%'; ++i) {
    if (std::isdigit(static_cast<unsigned char>(text[i])) != 0)
      digits += text[i];
    else if (std::isalpha(static_cast<unsigned char>(text[i])) != 0)
      break;
    else if (text[i] == '-' && digits.empty())
      digits = "-";
  }
  if (digits.empty() || digits == "-") return std::nan("");
  return digits.size() > 60 ? HUGE_VAL : std::strtod(digits.c_str(), nullptr);
}

}  // namespace smart
