// What the storage tests measured: how long reads took, and where on the disk they were slow or failed.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "block_cells.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "source.hpp"
#include "units.hpp"

namespace assay::reports {
namespace {

using fmt::arg;
using nlohmann::json;

constexpr size_t most_cells = 4096, most_map_bytes = 64 * 1024, most_places = 20, most_maps = 24;

/// Counts in steps of 1, 2 and 5 from a microsecond to a hundred seconds.
class Steps {
 public:
  void add(double milliseconds) {
    const size_t step =
        static_cast<size_t>(std::upper_bound(ends().begin(), ends().end(), milliseconds) - ends().begin());
    ++counts_[step];
    greatest_ = std::max(greatest_, milliseconds);
    ++count_;
  }
  uint64_t count() const { return count_; }
  double greatest() const { return greatest_; }
  /// The step below which this share of the values lies.
  size_t step_of(double share) const {
    uint64_t sum = 0;
    for (size_t i = 0; i < counts_.size(); ++i)
      if (static_cast<double>(sum += counts_[i]) >= share * static_cast<double>(count_)) return i;
    return counts_.size() - 1;
  }
  uint64_t at(size_t step) const { return counts_[step]; }
  static const std::array<double, 25>& ends() {
    static const std::array<double, 25> ends = [] {
      std::array<double, 25> values{};
      for (size_t i = 0; i < values.size(); ++i) {
        constexpr std::array<double, 3> digits{1, 2, 5};
        const size_t power = i / 3;
        values[i] = digits[i % 3] * std::pow(10, static_cast<double>(power) - 3);
      }
      return values;
    }();
    return ends;
  }
  static constexpr size_t size = 26;

 private:
  std::array<uint64_t, size> counts_{};
  uint64_t count_ = 0;
  double greatest_ = 0;
};

std::string milliseconds(double value, const Language& l) {
  return value < 1      ? with_unit(value * 1000, "us", l)
         : value < 1000 ? with_unit(value, "ms", l)
                        : with_unit(value / 1000, "s", l);
}

Histogram histogram(const std::string& title, const Steps& steps, const Language& l) {
  Histogram result;
  result.title = title;
  result.summary = l.say("{count} reads; half of them within {half}, 99 % within {most}, the longest {longest}.",
                         arg("count", steps.count()),
                         arg("half", milliseconds(Steps::ends()[std::min(steps.step_of(0.5), Steps::size - 2)], l)),
                         arg("most", milliseconds(Steps::ends()[std::min(steps.step_of(0.99), Steps::size - 2)], l)),
                         arg("longest", milliseconds(steps.greatest(), l)));
  size_t first = 0, last = Steps::size - 1;
  while (first < last && steps.at(first) == 0) ++first;
  while (last > first && steps.at(last) == 0) --last;
  uint64_t most = 0;
  for (size_t i = first; i <= last; ++i) most = std::max(most, steps.at(i));
  const size_t tail = steps.step_of(0.99);
  for (size_t i = first; i <= last; ++i) {
    const std::string range = i == 0 ? l.say("below {end}", arg("end", milliseconds(Steps::ends()[0], l)))
                              : i == Steps::size - 1
                                  ? l.say("from {begin} on", arg("begin", milliseconds(Steps::ends()[i - 1], l)))
                                  : l.say("{begin} to {end}", arg("begin", milliseconds(Steps::ends()[i - 1], l)),
                                          arg("end", milliseconds(Steps::ends()[i], l)));
    const double width = 100 * std::log1p(static_cast<double>(steps.at(i))) / std::log1p(static_cast<double>(most));
    result.rows.push_back({range, std::to_string(steps.at(i)), width, i > tail});
  }
  return result;
}

/// surface-map.json of the storage plugin, checked: {"bytes", "bucket_ends_ms", "counts", "cells": "0001-7..."}; a
/// digit is the worst bucket in the cell, 7 unreadable, '-' not read.
struct SurfaceCells {
  double bytes = 0;
  std::vector<double> ends;
  std::vector<uint64_t> counts;
  std::string cells;

  /// Another trial's map of the same disk: the worst that either saw; what one of them read was read.
  void merge(const SurfaceCells& other) {
    if (other.bytes != bytes || other.cells.size() != cells.size() || other.ends != ends) return;
    for (size_t i = 0; i < cells.size(); ++i)
      if (other.cells[i] != '-') cells[i] = cells[i] == '-' ? other.cells[i] : std::max(cells[i], other.cells[i]);
    for (size_t i = 0; i < counts.size(); ++i) counts[i] += other.counts[i];
  }

  static std::optional<SurfaceCells> parse(const std::string& text) {
    const json given = core::json_or_null(text);
    SurfaceCells map;
    if (!given.is_object()) return std::nullopt;
    const auto get = [&](const char* key) { return given.contains(key) ? given[key] : json(); };
    if (!get("bytes").is_number() || !get("cells").is_string() || !get("bucket_ends_ms").is_array() ||
        !get("counts").is_array())
      return std::nullopt;
    map.bytes = get("bytes");
    map.cells = get("cells");
    for (const json& end : get("bucket_ends_ms")) map.ends.push_back(end.is_number() ? end.get<double>() : 0);
    for (const json& count : get("counts"))
      map.counts.push_back(count.is_number_unsigned() ? count.get<uint64_t>() : 0);
    const bool sound = !map.cells.empty() && map.cells.size() <= most_cells && map.ends.size() == 6 &&
                       map.counts.size() == 8 && map.bytes > 0 &&
                       map.cells.find_first_not_of("01234567-") == std::string::npos;
    return sound ? std::optional(map) : std::nullopt;
  }
};

/// Where the worst times begin to be a matter for a report: 150 ms.
constexpr char slow = '4', very_slow = '5', unreadable = '7', not_read = '-';

class Map {
 public:
  Map(const SurfaceCells& given, std::string title, const Language& l) : g_(given), l_(l) {
    map_.title = std::move(title);
  }

  BlockMap build() {
    const size_t rows = (g_.cells.size() + cells_in_row - 1) / cells_in_row;
    map_.width = cells_in_row * cell_size;
    map_.height = static_cast<double>(rows) * cell_size;
    const auto unread = static_cast<double>(std::count(g_.cells.begin(), g_.cells.end(), not_read));
    map_.summary =
        l_.say("Each cell stands for {size} of the disk and shows the worst that lies in it.",
               arg("size", l_.bytes(static_cast<uint64_t>(g_.bytes / static_cast<double>(g_.cells.size())))));
    const auto ms = [&](size_t bucket) { return milliseconds(g_.ends[bucket], l_); };
    add("quick", l_.say("read within {time}", arg("time", ms(3))),
        g_.counts[0] + g_.counts[1] + g_.counts[2] + g_.counts[3], [](char c) { return c >= '0' && c < slow; });
    add("slow", l_.say("slow: {begin} to {end}", arg("begin", ms(3)), arg("end", ms(4))), g_.counts[4],
        [](char c) { return c == slow; });
    add("very-slow", l_.say("very slow: more than {time}", arg("time", ms(4))), g_.counts[5] + g_.counts[6],
        [](char c) { return c == very_slow || c == '6'; });
    add("unreadable", l_.say("cannot be read"), g_.counts[7], [](char c) { return c == unreadable; });
    add("not-read", l_.say("not read"), 0, [](char c) { return c == not_read; });
    map_.kinds.back().count = with_unit(100 * unread / static_cast<double>(g_.cells.size()), "%", l_);
    places();
    return map_;
  }

 private:
  template <class Is>
  void add(const char* mark, const std::string& name, uint64_t count, Is is) {
    const auto at = [&](size_t i) { return is(g_.cells[i]); };
    const bool cross = std::string(mark) == "unreadable";
    map_.kinds.push_back({mark, name, std::to_string(count),
                          cross ? cross_shape(g_.cells.size(), at) : cell_shape(g_.cells.size(), at), cross});
  }

  /// Slow and unreadable regions in words, joined where they touch.
  void places() {
    const auto kind = [&](size_t i) {
      const char c = g_.cells[i];
      return c == unreadable ? 2 : c >= slow && c != not_read ? 1 : 0;
    };
    const double cell = g_.bytes / static_cast<double>(g_.cells.size());
    for (size_t i = 0; i < g_.cells.size(); ++i) {
      if (kind(i) == 0) continue;
      size_t end = i;
      while (end + 1 < g_.cells.size() && kind(end + 1) == kind(i)) ++end;
      if (map_.places.size() == most_places) {
        ++map_.places_left_out;
      } else {
        const std::string from = l_.bytes(static_cast<uint64_t>(static_cast<double>(i) * cell));
        const std::string to = l_.bytes(static_cast<uint64_t>(std::min(g_.bytes, static_cast<double>(end + 1) * cell)));
        map_.places.push_back(
            kind(i) == 2 ? l_.say("between {begin} and {end}: cannot be read", arg("begin", from), arg("end", to))
                         : l_.say("between {begin} and {end}: slow", arg("begin", from), arg("end", to)));
      }
      i = end;
    }
  }

  const SurfaceCells& g_;
  const Language& l_;
  BlockMap map_;
};

}  // namespace

void add_disks(const Source& s, View& view) {
  std::map<std::string, Steps> times;
  std::map<std::string, SurfaceCells> maps;
  long left_out = 0;
  for (const auto& trial : s.record.trials) {
    if (!trial.end || !core::speaks_of_machine(trial.start.purpose)) continue;
    const std::string title = s.test_and_target(trial.start.test, trial.start.target);
    for (const auto& series : trial.series)
      if (series.unit == "ms" && !series.file.empty() && s.subsystem_of(trial.start.test) == "storage")
        s.files.samples(series.file, [&](double, double value) { times[title].add(value); });
    for (const auto& file : trial.files) {
      if (file.name != "surface-map.json") continue;
      const auto text = s.files.text(file.uri, most_map_bytes);
      const auto cells = text ? SurfaceCells::parse(*text) : std::nullopt;
      if (!cells) continue;
      if (const auto known = maps.find(title); known != maps.end())
        known->second.merge(*cells);
      else if (maps.size() < most_maps)
        maps.emplace(title, *cells);
      else
        ++left_out;
    }
  }
  for (const auto& [title, steps] : times)
    if (steps.count() > 0) view.histograms.push_back(histogram(title, steps, s.l));
  for (const auto& [title, cells] : maps) view.maps.push_back(Map(cells, title, s.l).build());
  if (left_out > 0 && !view.maps.empty())
    view.maps.back().summary +=
        " " + s.l.say_n("The map of {count} more trial is among the artifacts only.",
                        "The maps of {count} more trials are among the artifacts only.", left_out);
}

}  // namespace assay::reports
