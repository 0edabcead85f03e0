// What a run may overwrite, looked at before it begins, and again before it goes on.
#pragma once

#include <string>

#include "core/consent.hpp"
#include "core/run_seal.hpp"
#include "inventory/system_root.hpp"
#include "journal/record.hpp"
#include "plan/resolve.hpp"

namespace assay::engine {

/// Opens each device and file that the plan may overwrite for reading, and keeps what it is and what lies on it in
/// FOLDER/consent.json. Before the first trial; takes a minute at most for a device that does not answer. Throws
/// core::Trouble when that file cannot be written.
void keep_consent(const plan::ResolvedPlan& plan, const inventory::SystemRoot& root, const core::Consent& consent,
                  const std::string& folder, const core::RunSeal& seal);

/// Throws core::BadInput when a thing that is still to be overwritten is not what the consent was given for, or cannot
/// be shown to be: says what has changed and how to begin anew. What is gone altogether its trial tells.
void check_consent(const plan::ResolvedPlan& plan, const inventory::SystemRoot& root, const journal::Record& before,
                   const std::string& folder, const core::RunSeal& seal);

}  // namespace assay::engine
