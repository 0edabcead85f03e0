// Values with their units, as each language writes them.
#pragma once

#include <string>

#include "language.hpp"

namespace assay::reports {

/// "3 sensors", "1,5 ms", "95%"; a unit that Assay does not know is given back as it is.
std::string with_unit(double value, const std::string& unit, const Language& language);

}  // namespace assay::reports
