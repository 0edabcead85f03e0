// The parts of a conclusion that stand for themselves. Private to this room.
#pragma once

#include "journal/conclusion.hpp"

namespace assay::journal {

/// The parameters that decide what a trial can find, as a text: trials that differ in them are different tests.
std::string recipe_of(const Trial& trial, const TestInfo& test);

/// Which planted faults were noticed, and which tests offer none.
void add_proofs(const Record& record, Conclusion& conclusion);

/// How much of each target was tested, and where that is less than was asked for.
void add_shortfalls(const Record& record, Conclusion& conclusion);

}  // namespace assay::journal
