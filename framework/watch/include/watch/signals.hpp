// What the machine shows of itself while trials run: temperatures, fans, clock, load, disk traffic, corrected errors.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "inventory/machine.hpp"
#include "watch/sampler.hpp"

namespace assay::watch {

struct Signal {
  std::string name;
  std::string kind;  // temperature, fan, clock, load, disk, errors
  std::string unit;  // "°C", "rpm", "MHz", "%", "MB/s", "1"
  double high = 0;   // the device's own limit; 0: it gives none
};

/// Only what this machine has is in the list. Nothing is worked out from a nameplate: a clock that Linux does not
/// measure is no signal.
class Signals {
 public:
  /// Keeps a reference to `root`.
  Signals(const inventory::SystemRoot& root, const inventory::Machine& machine);

  const std::vector<Signal>& list() const { return signals_; }
  /// How many of the first ones are sensors: temperatures and fans.
  size_t sensors() const { return inputs_.size(); }
  /// Reads all of them; NaN where one cannot be read. Rates are over the time since the last call, and NaN in the
  /// first. `now`: monotonic, in seconds.
  std::vector<double> sample(double now);
  /// The same as steps, each of which reads files that may hang together. They refer to this.
  std::vector<Step> steps();

 private:
  struct Counter {
    double last = 0;
    bool known = false;
    /// How much it has grown since the last time; NaN in the first.
    double grown(double value);
  };
  double clock() const;
  std::vector<double> load();
  std::vector<double> traffic(double seconds);
  std::optional<double> memory_errors() const;

  const inventory::SystemRoot& root_;
  std::vector<Signal> signals_;
  std::vector<std::pair<std::string, double>> inputs_;  // of sensors: path, scale
  std::vector<std::string> clocks_, disks_, error_counts_;
  bool has_stat_ = false, is_virtual_ = false, has_traffic_ = false;
  Counter busy_, stolen_, all_, read_, written_;
  double last_ = 0;
};

}  // namespace assay::watch
