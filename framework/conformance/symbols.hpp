// What a plugin's file exports and needs, read without loading it.
#pragma once

#include <string>
#include <vector>

namespace assay::conformance {

/// Names that the dynamic linker would find in it.
std::vector<std::string> exported_symbols(const std::string& path);

}  // namespace assay::conformance
