// What a report shows, in words: one view that every format draws from.
#pragma once

#include <string>
#include <vector>

#include "journal/conclusion.hpp"
#include "journal/run_files.hpp"
#include "reports/charts.hpp"
#include "reports/sheet.hpp"

namespace assay::reports {

/// A state as it is shown: a word and a mark, never colour alone. Marks: pass, marginal, fail, not-tested, unclear.
struct State {
  std::string word, mark;
};

struct Fact {
  std::string name, value;
};

/// A part of the machine, for the customer.
struct PartView {
  std::string id, name;
  State state;
  std::string detail;
};

/// A finding in the customer's words.
struct PlainFinding {
  State state;
  std::string text, advice;
};

/// What was not tested, in the customer's words.
struct PlainGap {
  std::string what, why;
  bool required = false;
};

/// A finding with its evidence, for the technician. What a plugin wrote is in English.
struct FindingView {
  State state;
  std::string title, text, where, seen, advice, replay, trial, seed;
  RangeBar bar;
  std::vector<std::string> lines;  // of the trial's log
};

struct NotTestedView {
  std::string what, why;
  bool required = false;
};

struct ProofView {
  std::string test, injection, outcome;
  State state;
};

struct TroubleView {
  std::string what, status, reason, trial;
};

struct MeasurementView {
  std::string name, value, limit;
  State state;
};

/// A measurement over all trials of a test on a target.
struct FigureView {
  State state;
  std::string test, target, name, count, least, median, greatest, limit;
  double least_value = 0, median_value = 0, greatest_value = 0;  // in the measurement's unit
};

struct TrialView {
  std::string id, test, target, purpose, status, duration, seed, reason, privileges;
  double seconds = 0;
  State state;
  std::vector<MeasurementView> measurements;
  std::vector<std::string> lines;
};

struct CoreView {
  std::string name, detail;
  State state;
};

struct CoreGroupView {
  std::string name;
  std::vector<CoreView> cores;
};

struct View {
  std::string language = "en";
  std::string run_id;

  // Page one, in the customer's language.
  Sheet sheet;
  State verdict;
  std::string headline;
  std::string rehearsal, unfinished, narrowed, newer;  // banners
  std::string date, next_date, reproduced;
  std::vector<Fact> identity;
  std::vector<PartView> parts;
  std::vector<PlainFinding> plain_findings;
  std::string more_findings, nothing_found;
  std::vector<std::string> done;
  std::vector<PlainGap> plain_gaps;
  std::string more_gaps, all_tested;
  std::string covered, trust, proof, snapshot;
  Trust signature;
  std::string seal, seal_on_paper, unsigned_because;
  std::string qr_text, qr_shape;
  int qr_size = 0;

  // For the technician.
  std::vector<Fact> facts, coverage, inventory, inventory_changes, plugins, refused;
  std::vector<Fact> privileged;     // tests that could do more than an ordinary process
  std::string inventory_reference;  // what the inventory was compared with
  std::vector<FindingView> findings, notes;
  std::vector<NotTestedView> not_tested;
  std::vector<ProofView> proofs;
  std::vector<TroubleView> troubles;
  TimeChart course;
  std::vector<Histogram> histograms;
  std::vector<BlockMap> maps;
  BitLanes bits;
  std::vector<CoreGroupView> cores;
  std::string cores_left_out;
  std::string topology;  // an SVG file's bytes
  std::vector<FigureView> figures;
  std::vector<TrialView> trials;
};

/// What a view is made from besides the record.
struct Extras {
  std::string language = "en";
  Sheet sheet;
  Trust trust;
  const journal::Record* reference = nullptr;  // another run, to compare the inventory with
};

View make_view(const journal::Record& record, const journal::Conclusion& conclusion, const journal::RunFiles& files,
               const Extras& extras);

/// The formats. Each is a function of the view or the record alone.
std::string html(const View& view);
std::string text(const View& view);
std::string junit(const journal::Record& record, const journal::Conclusion& conclusion);
/// Every measurement of every trial, a line each (RFC 4180).
std::string csv(const journal::Record& record);
/// For the node exporter's text file collector.
std::string prometheus(const journal::Record& record, const journal::Conclusion& conclusion);

}  // namespace assay::reports
