// What a report shows, in words: one view that every format draws from.
#pragma once

#include <string>
#include <vector>

#include "journal/conclusion.hpp"

namespace assay::reports {

/// A state as it is shown: a word and a mark, never colour alone. Marks: pass, marginal, fail, not-tested, unclear.
struct State {
  std::string word, mark;
};

struct Fact {
  std::string name, value;
};

struct FindingView {
  State state;
  std::string title, text, where, seen, advice, replay;
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

struct TrialView {
  std::string id, test, target, purpose, status, seconds, seed, reason;
  State state;
  std::vector<MeasurementView> measurements;
  std::vector<std::string> lines;
};

struct View {
  std::string language = "en";
  State verdict;
  std::string headline, trust, snapshot, rehearsal, unfinished, narrowed;
  std::string all_tested;  // said when nothing was left out
  std::vector<Fact> facts, coverage, inventory, plugins, refused;
  struct SubsystemView {
    std::string name;
    State state;
    std::string detail;
  };
  std::vector<SubsystemView> subsystems;
  std::vector<FindingView> findings, notes;
  std::vector<NotTestedView> not_tested;
  std::string proof;
  std::vector<ProofView> proofs;
  std::vector<TroubleView> troubles;
  std::vector<TrialView> trials;
};

View make_view(const journal::Record& record, const journal::Conclusion& conclusion, const std::string& language);

/// The formats. Each is a function of the record alone.
std::string html(const View& view);
std::string text(const View& view);
std::string junit(const journal::Record& record, const journal::Conclusion& conclusion);

}  // namespace assay::reports
