// A plan file, as a person wrote it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/target.hpp"
#include "core/value.hpp"

namespace assay::plan {

/// What it means for the run when a test is not made.
enum class Need {
  forgone,     // `required = false`: nothing
  wanted,      // not said: the run is incomplete if it was for the operator's reason (no root, no tool, a slip)
  if_present,  // "if-present": incomplete, unless the machine does not have the hardware, or that cannot do it
  required     // true: incomplete; the machine should have the hardware
};

struct PlanTest {
  std::string use;
  std::vector<std::string> targets;
  core::Values parameters;
  Need need = Need::wanted;
  double time_limit = 0;                      // seconds; 0: by its estimate
  double least_coverage = -1;                 // share of the target; below 0: as the test's manifest says
  std::string place;                          // "FILE:LINE:COLUMN", for messages
  std::map<std::string, std::string> places;  // of its parameters, and of other keys
};

struct Stage {
  std::string id;
  core::LocalText title;
  bool parallel = false, soak = false, repeat = false;
  double seconds = 0;  // 0: as long as its tests take
  std::vector<PlanTest> tests;
};

struct Plan {
  std::string id;
  core::LocalText title, description;
  bool prove = true;
  int confirm = 5;
  std::vector<Stage> stages;
  std::string text;  // the file as it was read
};

/// Parses a plan. `path` is used in messages. Throws core::BadInput with file, line, column and reason.
Plan parse_plan(const std::string& path, const std::string& text);

/// The plan called `name`: a file if it has a slash or ends in .toml, else NAME.toml in one of the folders.
/// Throws core::BadInput that lists the presets when there is none.
Plan load_plan(const std::string& name, const std::vector<std::string>& folders);

/// What lies in the folders of plans: one file that cannot be used hides no other.
struct PlanList {
  std::vector<Plan> plans;           // in order of name
  std::vector<std::string> refused;  // "FILE:LINE:COLUMN: REASON"
};
PlanList list_plans(const std::vector<std::string>& folders);

}  // namespace assay::plan
