// The parts of a conclusion that stand for themselves. Private to this room.
#pragma once

#include "journal/conclusion.hpp"

namespace assay::journal {

/// It says something of the machine: it ran to its end, or the machine itself failed it.
inline bool spoke(const Trial& trial) {
  return trial.end && (trial.end->status == core::Status::complete || trial.end->result == core::Result::fail);
}

/// Which planted faults were noticed, and which tests offer none.
void add_proofs(const Record& record, Conclusion& conclusion);

/// How much of each target was tested, and where that is less than was asked for.
void add_shortfalls(const Record& record, Conclusion& conclusion);

}  // namespace assay::journal
