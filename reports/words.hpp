// The words and marks that every format shares.
#pragma once

#include <string>

#include "core/measurement.hpp"
#include "core/verdict.hpp"
#include "reports/view.hpp"

namespace assay::reports {

State state_of(core::Result result);

/// A subsystem's name for people; an id that is not known is its own name.
std::string subsystem_name(const std::string& id);

/// "at most", "at least" ...
std::string comparator_words(core::Comparator comparator);

/// A value with its unit: bytes in KiB to TiB, the unit "1" left out.
std::string with_unit(double value, const std::string& unit);

}  // namespace assay::reports
