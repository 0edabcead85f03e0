// The host's services as a plugin sees them: the C structs of plugin.h and ext/, filled with functions that send
// frames.
#pragma once

#include <assay/plugin.h>

#include "runner/frame.hpp"
#include "runner/shared.hpp"
#include "runner/spec.hpp"

namespace assay::runner {

/// Sends frames; from any thread. A host that is gone makes it do nothing.
void send(const Frame& frame);

/// Makes the services ready for `spec`, which must outlive them, and returns them.
const assay_host* host_services(const Spec& spec, Shared& shared);
const assay_trial* trial_services();

}  // namespace assay::runner
