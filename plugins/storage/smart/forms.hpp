// The two forms of smartctl's output, and what they share.
#pragma once

#include "smart/reading.hpp"

namespace smart {

Reading read_json(const std::string& bytes);
Reading read_text(const std::string& bytes);

/// Bits of NVMe's critical warning.
inline void add_nvme_warning(unsigned bits, Reading& reading) {
  for (unsigned bit = 0; bit < 6; ++bit) reading.facts["nvme.warning." + std::to_string(bit)] = bits >> bit & 1;
}

}  // namespace smart
