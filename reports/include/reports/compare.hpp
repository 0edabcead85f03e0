// Two sets of runs beside each other: before and after a repair, or a golden machine and this one.
#pragma once

#include <string>
#include <vector>

#include "journal/conclusion.hpp"
#include "journal/run_files.hpp"
#include "reports/view.hpp"

namespace assay::reports {

/// What can be said of a run's record: what follows from one that is not whole, or that nobody signed, is nothing.
enum class Seal { whole, unknown_key, unsigned_, altered };

struct Compared {
  journal::Record record;
  journal::Conclusion conclusion;
  journal::RunFiles files{""};
  Seal seal = Seal::whole;
};

struct FindingChange {
  enum class Kind { still_there, fresh, gone, not_tested_again };
  Kind kind = Kind::gone;
  State state;
  std::string title, text, seen;
};

struct FigureChange {
  enum class Kind { higher, lower, same, unclear };
  Kind kind = Kind::unclear;
  State state;  // by the measurement's limit: is this the better or the worse direction?
  std::string test, target, name, before, after, change, interval, word;
  double p = 1;  // after Benjamini and Hochberg
  int samples_before = 0, samples_after = 0;
  bool could_show_alone = false;  // a change of this measurement alone could reach p < 0.05
};

struct ComparisonView {
  std::string language = "en";
  State verdict;
  std::string headline, method, caution;
  std::vector<Fact> sides;       // the runs
  std::vector<Fact> conditions;  // what differs between them besides the repair
  std::vector<FindingChange> findings;
  std::vector<FigureChange> figures;
  std::vector<Fact> inventory;
};

/// Neither side may be empty.
ComparisonView compare(const std::vector<Compared>& before, const std::vector<Compared>& after,
                       const std::string& language);

std::string comparison_html(const ComparisonView& view);
std::string comparison_text(const ComparisonView& view);
std::string comparison_json(const ComparisonView& view);

}  // namespace assay::reports
