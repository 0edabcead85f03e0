// Drawings as numbers: where each line and cell lies. The templates turn them into static SVG, so that they show with
// scripts off, on paper and from a stick. Coordinates are in the drawing's own units.
#pragma once

#include <string>
#include <vector>

namespace assay::reports {

/// A label at a place along an axis.
struct Tick {
  double at = 0;
  std::string label;
};

struct Curve {
  std::string name;
  std::string shape;                  // SVG path data
  std::string least, mean, greatest;  // with their unit, for the table below the drawing
  int style = 0;                      // 0 to 3, told apart by dashes too; -1: only in the table
};

/// Curves of one unit above each other, over the run's time.
struct Lane {
  std::string title;
  double top = 0;
  std::vector<Tick> ticks;
  std::vector<Curve> curves;
  std::vector<Tick> limits;  // the device's own
};

struct TimeChart {
  struct Band {
    double at = 0, width = 0;
    std::string name;
  };
  struct Flag {
    double at = 0;
    int number = 0;
    std::string time, text;
  };
  struct Trials {
    std::string mark, shape;  // all trials of one result
  };
  double height = 0, plot_bottom = 0;
  std::vector<Tick> hours;
  std::vector<Band> stages;
  std::vector<Trials> trials;
  std::vector<Lane> lanes;
  std::vector<Flag> flags;
  int flags_left_out = 0;
  bool empty() const { return trials.empty() && lanes.empty(); }
};

struct Histogram {
  struct Row {
    std::string range, count;
    double width = 0;  // of 100, by the count's logarithm
    bool tail = false;
  };
  std::string title, summary;
  std::vector<Row> rows;
};

/// Where on a disk, or in the memory's addresses, something was seen.
struct BlockMap {
  struct Kind {
    std::string mark, name, count;  // mark: quick, slow, very-slow, unreadable, not-read, error
    std::string shape;              // of all its cells
    bool cross = false;             // a cross in each cell besides its shade
  };
  std::string title, summary;
  double width = 0, height = 0;
  std::vector<Kind> kinds;
  std::vector<std::string> places;  // what is not as it should be, in words
  int places_left_out = 0;
};

/// The 64 bits of a word: which were seen wrong.
struct BitLanes {
  struct Bit {
    int number = 0;
    std::string wrong;  // "", "0" (a one was lost), "1" (a zero was lost), "01"
  };
  std::vector<Bit> bits;
};

/// One number against its limit.
struct RangeBar {
  double value = 0, limit = 0, forbidden_at = 0, forbidden_width = 0;  // of 100
  std::string words;
  bool empty() const { return words.empty(); }
};

}  // namespace assay::reports
