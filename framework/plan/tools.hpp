// Programs that tests run.
#pragma once

#include <string>

namespace assay::plan {

/// Whether a program of this name can be started from the search path.
bool is_installed(const std::string& program);

}  // namespace assay::plan
