#include "units.hpp"

#include <algorithm>

namespace assay::reports {

using fmt::arg;

std::string with_unit(double value, const std::string& unit, const Language& l) {
  if (unit == "B") return l.bytes(static_cast<uint64_t>(std::clamp(value, 0.0, 1e18)));
  const std::string text = l.number(value);
  if (unit == "1") return text;
  const auto number = arg("number", text);
  if (unit == "%") return l.say("{number} %", number);
  if (unit == "s") return l.say("{s} s", arg("s", text));
  if (unit == "ms") return l.say("{ms} ms", arg("ms", text));
  if (unit == "us") return text + " µs";
  if (unit == "ns") return l.say("{number} ns", number);
  if (unit == "rpm") return l.say("{number} rpm", number);
  if (unit == "Mb/s") return l.say("{number} Mb/s", number);
  if (unit == "reads/s") return l.say("{number} reads/s", number);
  if (unit == "Mrounds/s") return l.say("{number} million rounds/s", number);
  const long count = value == 1 ? 1 : 2;  // only one is singular, a half is not
  if (unit == "blocks") return l.say_n("{number} block", "{number} blocks", count, number);
  if (unit == "rounds") return l.say_n("{number} round", "{number} rounds", count, number);
  if (unit == "sets") return l.say_n("{number} set", "{number} sets", count, number);
  if (unit == "steps") return l.say_n("{number} step", "{number} steps", count, number);
  if (unit == "backgrounds") return l.say_n("{number} background", "{number} backgrounds", count, number);
  if (unit == "activations") return l.say_n("{number} activation", "{number} activations", count, number);
  if (unit == "sensors") return l.say_n("{number} sensor", "{number} sensors", count, number);
  if (unit == "moments") return l.say_n("{number} moment", "{number} moments", count, number);
  if (unit == "reads") return l.say_n("{number} read", "{number} reads", count, number);
  if (unit == "flushes") return l.say_n("{number} flush", "{number} flushes", count, number);
  return text + " " + unit;
}

}  // namespace assay::reports
