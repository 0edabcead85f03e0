// Another program, run to its end: its output, and whether it ended well in time.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace assay::app {

/// What it wrote to standard output, at most `most` bytes; nothing when it is not installed, fails, writes more, or has
/// not ended after `seconds`. No shell is involved.
std::optional<std::string> output_of(const std::vector<std::string>& command, double seconds, size_t most);

}  // namespace assay::app
