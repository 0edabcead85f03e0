// A plan bound to a machine and a catalog: the trials that will run, and what will not be tested.
#pragma once

#include <string>
#include <vector>

#include "catalog/catalog.hpp"
#include "core/consent.hpp"
#include "core/target.hpp"
#include "core/verdict.hpp"
#include "journal/record.hpp"
#include "plan/plan.hpp"

namespace assay::plan {

/// One trial to be. Points into the catalog, which must outlive it.
struct PlannedTrial {
  const catalog::Plugin* plugin = nullptr;
  const catalog::Test* test = nullptr;
  core::Target target;
  core::Values parameters;  // every declared parameter has a value
  core::Purpose purpose = core::Purpose::test;
  std::string injection;
  int entry = 0;  // of the stage's list of tests: the same test may be in it twice
  bool required = false;
  bool if_present = false;                     // required, unless the hardware turns out to be absent
  double least_coverage = 0;                   // share of the target; 0: none is asked for
  bool fixed_duration = false;                 // the plan set it: no share of the stage's time
  double seconds = 0;                          // estimate
  double time_limit = 0;                       // seconds after which it is asked to end
  bool fixed_limit = false;                    // the plan set it
  std::vector<std::string> exclusive, shared;  // resources, by name
};

struct PlannedStage {
  std::string id;
  core::LocalText title;
  bool parallel = false, soak = false, repeat = false;
  double seconds = 0;  // estimate; of a stage that repeats, its length
  std::vector<PlannedTrial> trials;
};

struct ResolvedPlan {
  std::string id;
  core::LocalText title;
  int confirm = 5;
  double seconds = 0;  // estimate of the whole
  std::vector<PlannedStage> stages;
  std::vector<journal::NotTested> not_tested;
  std::vector<std::string> hints;  // what the options did not do, though one might think so
};

/// What the command line adds to a plan.
struct Options {
  double seconds = 0;                // --duration: scales the stages that have one; 0: as planned
  std::vector<std::string> only;     // --only: globs of test ids
  std::vector<std::string> targets;  // --target: ids, globs, or paths of devices and files
  std::string inject;                // --inject TEST:INJECTION: a rehearsal
  int confirm = -1;                  // --confirm: repeats of a failing trial; below 0: as the plan says
  bool allow_gaps = false;           // --allow-gaps: what the operator could have made possible is forgone
  bool root = false;                 // runs as root
  core::Consent consent;             // what may be written
};

/// Throws core::BadInput: an unknown test, a parameter that is refused, a target that is not there, nothing selected.
ResolvedPlan resolve(const Plan& plan, const catalog::Catalog& catalog, const std::vector<core::Target>& targets,
                     const Options& options);

/// The proof alone: every injection of the tests that `only` selects, each with its control. For `assay prove`.
ResolvedPlan resolve_proof(const catalog::Catalog& catalog, const std::vector<core::Target>& targets,
                           const Options& options);

}  // namespace assay::plan
