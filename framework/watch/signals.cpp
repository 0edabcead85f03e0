#include "watch/signals.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "core/apart.hpp"
#include "core/text.hpp"

namespace assay::watch {
namespace {

/// Linux asks a core for its clock by interrupting it: of many cores some stand for all.
constexpr size_t most_clocks = 8;
constexpr double sector = 512;

/// The numbers of a line of /proc after its first `skip` words.
std::vector<double> numbers(const std::string& line, size_t skip) {
  std::vector<double> result;
  for (const std::string& word : core::split(line, ' ')) {
    if (word.empty()) continue;
    if (skip > 0) {
      --skip;
      continue;
    }
    double value = 0;
    std::from_chars(word.data(), word.data() + word.size(), value);
    result.push_back(value);
  }
  return result;
}

/// Of these files those that give a number. They are read apart; when that hangs, all that are there are taken: the
/// sampler finds out which of them it was.
std::vector<std::string> that_count(const inventory::SystemRoot& root, const std::vector<std::string>& paths) {
  constexpr double patience = 2;
  if (paths.empty()) return {};
  const auto read = core::do_apart(patience, [&]() -> core::Brought {
    std::string answers;
    for (const std::string& path : paths) answers += root.number(path) ? 'y' : 'n';
    return {answers, {}};
  });
  std::vector<std::string> found;
  for (size_t i = 0; i < paths.size(); ++i)
    if (read && read->text.size() == paths.size() ? read->text[i] == 'y' : root.exists(paths[i]))
      found.push_back(paths[i]);
  return found;
}

}  // namespace

double Signals::Counter::grown(double value) {
  const double before = std::exchange(last, value);
  return std::exchange(known, true) && value >= before ? value - before : std::nan("");
}

Signals::Signals(const inventory::SystemRoot& root, const inventory::Machine& machine) : root_(root) {
  for (const inventory::Sensor& sensor : machine.sensors) {
    const bool fan = sensor.kind == "fan";
    // An open input is no signal; a fan that stands still may turn later.
    if (!sensor.doubt.empty() && !(fan && sensor.value <= 0)) continue;
    signals_.push_back({sensor.chip + " " + sensor.label, sensor.kind, fan ? "rpm" : "°C",
                        fan ? 0 : std::max(sensor.critical, sensor.high)});
    inputs_.emplace_back(sensor.input, fan ? 1 : 0.001);
  }
  std::vector<std::string> clocks, counts;
  for (const inventory::Core& core : machine.processor.usable)
    if (clocks.size() < most_clocks)
      clocks.push_back("/sys/devices/system/cpu/cpu" + std::to_string(core.os_index) + "/cpufreq/scaling_cur_freq");
  clocks_ = that_count(root, clocks);
  if (!clocks_.empty()) signals_.push_back({"Processor clock", "clock", "MHz", 0});
  has_stat_ = root.exists("/proc/stat");
  if (has_stat_) {
    signals_.push_back({"Processor load", "load", "%", 0});
    is_virtual_ = !machine.software.hypervisor.empty();
    if (is_virtual_) signals_.push_back({"Taken by other machines", "load", "%", 0});
  }
  for (const inventory::Disk& disk : machine.disks) disks_.push_back(disk.name);
  has_traffic_ = !disks_.empty() && root.exists("/proc/diskstats");
  if (has_traffic_) {
    signals_.push_back({"Read from disks", "disk", "MB/s", 0});
    signals_.push_back({"Written to disks", "disk", "MB/s", 0});
  }
  const std::string edac = "/sys/devices/system/edac/mc";
  for (const std::string& controller : root.list(edac))
    for (const char* count : {"/ce_count", "/ue_count"}) counts.push_back(edac + "/" + controller + count);
  error_counts_ = that_count(root, counts);
  if (!error_counts_.empty()) signals_.push_back({"Memory errors counted by the controller", "errors", "1", 0});
}

std::vector<double> Signals::sample(double now) {
  std::vector<double> values;
  for (const Step& step : steps()) {
    std::vector<double> read = step.read(now);
    read.resize(step.width, std::nan(""));
    values.insert(values.end(), read.begin(), read.end());
  }
  return values;
}

std::vector<Step> Signals::steps() {
  std::vector<Step> steps;
  for (size_t i = 0; i < inputs_.size(); ++i)
    steps.push_back({signals_[i].name, 1, [this, i](double) -> std::vector<double> {
                       const auto raw = root_.number(inputs_[i].first);
                       return {raw ? static_cast<double>(*raw) * inputs_[i].second : std::nan("")};
                     }});
  if (!clocks_.empty()) steps.push_back({"Processor clock", 1, [this](double) { return std::vector{clock()}; }});
  if (has_stat_) steps.push_back({"Processor load", is_virtual_ ? 2U : 1U, [this](double) { return load(); }});
  if (has_traffic_)
    steps.push_back({"Disk traffic", 2, [this](double now) { return traffic(now - std::exchange(last_, now)); }});
  if (!error_counts_.empty())
    steps.push_back({"Memory errors counted by the controller", 1,
                     [this](double) -> std::vector<double> { return {memory_errors().value_or(std::nan(""))}; }});
  return steps;
}

double Signals::clock() const {
  double sum = 0, count = 0;
  for (const std::string& path : clocks_)
    if (const auto kilohertz = root_.number(path)) sum += static_cast<double>(*kilohertz) * 1e-3, ++count;
  return count > 0 ? sum / count : std::nan("");
}

/// The first line of /proc/stat: user nice system idle iowait irq softirq steal (proc(5)), in ticks.
std::vector<double> Signals::load() {
  const std::string text = root_.bytes("/proc/stat").value_or("");
  std::vector<double> ticks = numbers(text.substr(0, text.find('\n')), 1);
  ticks.resize(8, 0);
  const double idle = ticks[3] + ticks[4], stolen = ticks[7];
  double all = 0;
  for (size_t i = 0; i < 8; ++i) all += ticks[i];
  const double passed = all_.grown(all), busy = busy_.grown(all - idle - stolen), taken = stolen_.grown(stolen);
  std::vector<double> shares{100 * busy / passed};
  if (is_virtual_) shares.push_back(100 * taken / passed);
  return shares;
}

/// /proc/diskstats: major minor name, then reads, merged, sectors read, ms, writes, merged, sectors written, ...
/// (Documentation/admin-guide/iostats.rst).
std::vector<double> Signals::traffic(double seconds) {
  double read = 0, written = 0;
  for (const std::string& line : core::split(root_.bytes("/proc/diskstats").value_or(""), '\n')) {
    std::array<std::string, 3> head;
    size_t word = 0;
    for (const std::string& part : core::split(line, ' '))
      if (!part.empty() && word < 3) head[word++] = part;
    if (std::find(disks_.begin(), disks_.end(), head[2]) == disks_.end()) continue;
    const std::vector<double> counts = numbers(line, 3);
    if (counts.size() < 7) continue;
    read += counts[2] * sector;
    written += counts[6] * sector;
  }
  return {read_.grown(read) / seconds * 1e-6, written_.grown(written) / seconds * 1e-6};
}

std::optional<double> Signals::memory_errors() const {
  double sum = 0;
  for (const std::string& path : error_counts_) {
    const auto count = root_.number(path);
    if (!count) return std::nullopt;
    sum += static_cast<double>(*count);
  }
  return sum;
}

}  // namespace assay::watch
