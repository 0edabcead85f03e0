// What readings of temperatures and fans say of a machine. A board that leaves a limit unset, or an input open, says
// nothing by it.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace peripherals {

struct Temperature {
  std::string name;
  double now = 0;                               // degrees Celsius
  std::optional<double> critical, high;         // its own limits, as they stand there
  bool on_die = false;                          // in the processor: nobody can have left it unconnected
  bool says_fault = false, says_alarm = false;  // its own flags
};

struct Fan {
  std::string name;
  std::string place;          // the same in every trial of a run
  double now = 0;             // revolutions per minute
  double before = 0;          // the most that was seen of it in this run
  double least = 0;           // its own minimum, as it stands there
  bool told_to_rest = false;  // its control has switched it off, or it rests by itself when it is cool
  bool says_fault = false, says_alarm = false;
};

struct Remark {
  enum class Kind { note, marginal, fail } kind;
  std::string code, text, where;
};

struct Judgement {
  std::vector<Remark> remarks;
  int read = 0;                  // sensors whose reading can be meant
  int stopped_fans = 0;          // that turned in this run
  std::optional<double> margin;  // K, the least distance to a limit
};

Judgement judge(const std::vector<Temperature>& temperatures, const std::vector<Fan>& fans);

/// A fan that turns, not the noise of an input.
bool turns(double rpm);

}  // namespace peripherals
