// NVMe drives: which of their warnings is about what.
#pragma once

#include "smart/reading.hpp"

namespace smart {

/// Once all figures are there: whether the spare is below its threshold, and for what reason the drive warns. A drive
/// that is too hot, or that has used its rated life with its spare blocks and its data in order, is not dying.
void weigh_nvme_warnings(Reading& reading);

}  // namespace smart
