// Everything that a run needs, from options alone; `assay resume` makes it again from the journal.
#pragma once

#include "catalog/catalog.hpp"
#include "commands.hpp"
#include "inventory/machine.hpp"
#include "journal/record.hpp"
#include "locations.hpp"
#include "plan/resolve.hpp"

namespace assay::app {

struct Setup {
  Locations locations;
  catalog::Catalog catalog;
  inventory::SystemRoot root;
  inventory::Machine machine;
  plan::Plan plan;
  plan::ResolvedPlan resolved;
  core::Consent consent;
  RunOptions options;  // as given, but each path that names a target whole, from the root on
  bool proof_only = false;
};

/// Takes the inventory and resolves the plan: `options.plan`, or `plan_text` where that is given, or the proof alone.
/// Throws core::BadInput.
Setup prepare(const RunOptions& options, const std::string* plan_text, bool proof_only);

/// The seed that the options name, or a random one.
uint64_t choose_seed(const RunOptions& options);

/// What the journal says at its start.
journal::RunStart make_start(const Setup& setup, uint64_t seed);

}  // namespace assay::app
