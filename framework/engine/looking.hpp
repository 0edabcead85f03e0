// The look at a thing when overwriting it is allowed.
#pragma once

#include "consented.hpp"
#include "core/consent.hpp"
#include "core/target.hpp"

namespace assay::engine {

/// Opens it for reading, apart. Takes a minute at most.
ConsentedThing look_for_consent(const inventory::SystemRoot& root, const core::Target& target,
                                const core::Consent& consent);

}  // namespace assay::engine
