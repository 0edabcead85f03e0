// What stands in the way of a test: the consent, the right, the kind of target. The host looks again when it opens.
#pragma once

#include <string>
#include <utility>

#include "plan/resolve.hpp"

namespace assay::plan {

/// Empty: what the test's effect needs has been allowed.
const char* why_not_consented(const catalog::Test& test, const core::Consent& consent);

/// Why the station withholds what the test needs, and what to do; empty: it does not.
std::string why_not_allowed(const catalog::Plugin& plugin, const catalog::Test& test);

/// Why the test cannot be made on this target: its category and reason; empty: it can.
std::pair<const char*, std::string> obstacle(const catalog::Test& test, const core::Target& target,
                                             const Options& options);

}  // namespace assay::plan
