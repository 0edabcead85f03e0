// The course of the run: one time axis with what the machine showed of itself, the trials, and what happened.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "envelope.hpp"
#include "source.hpp"
#include "words.hpp"

namespace assay::reports {
namespace {

using core::Result;
using fmt::arg;

constexpr double left = 70, width = 910, lane_height = 84, lane_space = 30, trials_top = 44, trials_height = 14;
constexpr size_t most_columns = 910, most_curves = 4, most_flags = 12, most_stage_names = 12;

/// A step of 1, 2 or 5 times a power of ten that makes at most `most` steps of the span.
double nice_step(double span, double most) {
  const double rough = span / most, power = std::pow(10, std::floor(std::log10(rough)));
  for (const double step : {1.0, 2.0, 5.0})
    if (step * power >= rough) return step * power;
  return 10 * power;
}

/// A step of time in whole seconds, minutes or hours.
double time_step(double seconds) {
  for (const double step : {1., 2., 5., 10., 30., 60., 120., 300., 600., 1800., 3600., 7200., 14400., 43200.})
    if (seconds / step <= 10) return step;
  return std::ceil(seconds / 864000) * 86400;
}

class Course {
 public:
  Course(const Source& source, View& view)
      : s_(source), r_(source.record), l_(source.l), chart_(view.course), seconds_(std::max(1.0, r_.seconds)) {
    // A run that was cut off has no end; what was seen last says how far it came.
    for (const auto& t : r_.trials) seconds_ = std::max(seconds_, t.start.at_seconds);
    for (const auto& info : r_.start.signals)
      s_.files.samples(info.file, [this](double at, double) { seconds_ = std::max(seconds_, std::min(at, 1e9)); });
  }

  void build() {
    if (r_.trials.empty()) return;
    for (double at = 0; at <= seconds_; at += time_step(seconds_)) chart_.hours.push_back({x(at), l_.duration(at)});
    if (!chart_.hours.empty()) chart_.hours.front().label = "0";
    stages();
    trials();
    double top = trials_top + trials_height + lane_space;
    const std::pair<const char*, std::string> kinds[] = {{"temperature", joined(l_.say("Temperature"), "°C", l_)},
                                                         {"fan", l_.say("Fans, revolutions per minute")},
                                                         {"clock", l_.say("Clock, MHz")},
                                                         {"load", l_.say("Load, %")},
                                                         {"disk", l_.say("Disk traffic, MB/s")},
                                                         {"errors", l_.say("Memory errors")}};
    for (const auto& [kind, title] : kinds) {
      Lane lane;
      lane.title = title;
      lane.top = top;
      if (!fill(lane, kind)) continue;
      chart_.lanes.push_back(lane);
      top += lane_height + lane_space;
    }
    chart_.plot_bottom = top - lane_space;
    chart_.height = chart_.plot_bottom + 24;
    flags();
  }

 private:
  double x(double at) const { return left + std::clamp(at / seconds_, 0.0, 1.0) * width; }

  void stages() {
    std::vector<std::string> order;
    std::map<std::string, std::pair<double, double>> spans;
    for (const auto& t : r_.trials) {
      const double begin = t.start.at_seconds, end = begin + (t.end ? t.end->seconds : 0);
      const auto [found, is_new] = spans.try_emplace(t.start.stage, begin, end);
      if (is_new) order.push_back(t.start.stage);
      found->second = {std::min(found->second.first, begin), std::max(found->second.second, end)};
    }
    for (const std::string& stage : order) {
      const auto [begin, end] = spans[stage];
      // A name has room in a band that is wide enough for it.
      const double wide = x(end) - x(begin);
      const bool fits = wide > 7.0 * static_cast<double>(stage.size()) && chart_.stages.size() < most_stage_names;
      chart_.stages.push_back({x(begin), std::max(wide, 1.0), fits ? stage : ""});
    }
  }

  /// A bar for every trial; those that fall onto one place of the drawing are one.
  void trials() {
    const std::pair<const char*, int> rows[] = {{"pass", 0}, {"unclear", 1}, {"marginal", 1}, {"fail", 2}};
    for (const auto& [mark, order] : rows) {
      std::vector<bool> covered(most_columns + 1, false);
      for (const auto& t : r_.trials) {
        if (!t.end || mark_of(t) != mark) continue;
        const auto first = static_cast<size_t>(x(t.start.at_seconds) - left);
        const auto last = static_cast<size_t>(x(t.start.at_seconds + t.end->seconds) - left);
        for (size_t i = first; i <= last && i <= most_columns; ++i) covered[i] = true;
      }
      std::string shape;
      for (size_t i = 0; i <= most_columns; ++i) {
        if (!covered[i]) continue;
        size_t end = i;
        while (end + 1 <= most_columns && covered[end + 1]) ++end;
        // The worse reaches the further up: it is seen over what passed meanwhile.
        shape += fmt::format("M{} {}h{}v{}h-{}z", left + static_cast<double>(i), trials_top - 3 * order, end - i + 1,
                             trials_height + 3 * order, end - i + 1);
        i = end;
      }
      if (!shape.empty()) chart_.trials.push_back({mark, shape});
    }
  }

  static std::string mark_of(const journal::Trial& t) {
    if (!core::speaks_of_machine(t.start.purpose)) return "pass";
    if (t.end->result == Result::fail) return "fail";
    if (t.end->result == Result::marginal) return "marginal";
    if (t.end->status == core::Status::skipped) return "";  // it took no time, and says nothing
    return t.end->status == core::Status::complete && t.end->result == Result::pass ? "pass" : "unclear";
  }

  bool fill(Lane& lane, const std::string& kind) {
    struct Signal {
      const journal::SignalInfo* info;
      Envelope envelope;
    };
    const size_t columns = std::clamp(static_cast<size_t>(seconds_), size_t{10}, most_columns);
    std::vector<Signal> signals;
    for (const auto& info : r_.start.signals) {
      if (info.kind != kind) continue;
      Signal signal{&info, Envelope(seconds_, columns)};
      s_.files.samples(info.file, [&](double at, double value) { signal.envelope.add(at, value); });
      if (signal.envelope.count() > 0) signals.push_back(std::move(signal));
    }
    if (signals.empty()) return false;
    std::stable_sort(signals.begin(), signals.end(),
                     [](const auto& a, const auto& b) { return a.envelope.greatest() > b.envelope.greatest(); });
    double low = signals[0].envelope.least(), high = signals[0].envelope.greatest();
    for (const Signal& signal : signals) low = std::min(low, signal.envelope.least());
    if (kind != "temperature") low = std::min(low, 0.0);
    // The device's own limit is in the picture where the curve comes anywhere near it.
    for (const Signal& signal : signals)
      if (signal.info->high > 0 && signal.envelope.greatest() > 0.75 * signal.info->high)
        high = std::max(high, signal.info->high);
    // A curve that stays at one value lies in a lane all the same.
    const double least_span = high == 0 && low == 0 ? 1 : std::abs(high) * 0.02;
    const double step = nice_step(std::max({high - low, least_span, 1e-9}), 4);
    low = std::floor(low / step) * step;
    high = std::max(low + step, std::ceil(high / step) * step);
    const double scale = lane_height / (high - low), bottom = lane.top + lane_height;
    for (double at = low; at <= high + step / 2; at += step)
      lane.ticks.push_back({bottom - (at - low) * scale, l_.number(std::abs(at) < step / 2 ? 0 : at)});
    for (const Signal& signal : signals) {
      const bool drawn = lane.curves.size() < most_curves;
      const auto words = [&](double value) { return with_unit(value, signal.info->unit, l_); };
      const double room = width / static_cast<double>(columns);
      lane.curves.push_back(
          {signal_name(signal.info->name, l_),
           drawn ? signal.envelope.path({left + room / 2, room, bottom, low, scale}, 1 + columns / 100 + 3) : "",
           words(signal.envelope.least()), words(signal.envelope.mean()), words(signal.envelope.greatest()),
           drawn ? static_cast<int>(lane.curves.size()) : -1});
      if (signal.info->high > low && signal.info->high <= high && drawn)
        lane.limits.push_back({bottom - (signal.info->high - low) * scale,
                               l_.say("limit {limit}", arg("limit", words(signal.info->high)))});
    }
    label_limits(lane.limits);
    return true;
  }

  /// Every limit has its line; where their labels would lie on each other, one label names them all.
  static void label_limits(std::vector<Tick>& limits) {
    std::sort(limits.begin(), limits.end(), [](const Tick& a, const Tick& b) { return a.at < b.at; });
    limits.erase(
        std::unique(limits.begin(), limits.end(), [](const Tick& a, const Tick& b) { return a.label == b.label; }),
        limits.end());
    for (size_t i = 1, shown = 0; i < limits.size(); ++i) {
      if (limits[i].at - limits[shown].at >= 12) {
        shown = i;
        continue;
      }
      limits[shown].label += "; " + limits[i].label;
      limits[i].label.clear();
    }
  }

  /// What happened: failures first seen, trials that did not end, interruptions.
  void flags() {
    std::vector<TimeChart::Flag> all;
    for (const auto& t : r_.trials) {
      if (!core::speaks_of_machine(t.start.purpose) || t.start.purpose == core::Purpose::confirm) continue;
      if (!t.end) {
        all.push_back({x(t.start.at_seconds), 0, l_.duration(t.start.at_seconds),
                       named(s_.test_and_target(t.start.test, t.start.target), l_.say("cut off while it ran"), l_)});
        continue;
      }
      const bool bad = t.end->result >= Result::marginal;
      const bool trouble = t.end->status != core::Status::complete && t.end->status != core::Status::skipped;
      if (!bad && !trouble) continue;
      const double at = t.start.at_seconds + t.end->seconds;
      const State state = bad ? state_of(t.end->result, l_) : State{status_words(t.end->status, l_), "unclear"};
      all.push_back(
          {x(at), 0, l_.duration(at), named(s_.test_and_target(t.start.test, t.start.target), state.word, l_)});
    }
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
    for (auto& flag : all) {
      if (chart_.flags.size() == most_flags) {
        ++chart_.flags_left_out;
        continue;
      }
      flag.number = static_cast<int>(chart_.flags.size()) + 1;
      chart_.flags.push_back(flag);
    }
  }

  const Source& s_;
  const journal::Record& r_;
  const Language& l_;
  TimeChart& chart_;
  double seconds_;
};

}  // namespace

void add_course(const Source& source, View& view) { Course(source, view).build(); }

}  // namespace assay::reports
