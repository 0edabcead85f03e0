// A test program that needs what not every machine has.
#pragma once

#include <string>

namespace assay::test {

/// Why the tests of this program cannot be run here; empty: they can. Each program has its own.
std::string why_skipped();

}  // namespace assay::test
