// Instructions for special purposes, each checked against plain code: CRC, carry-less multiply, bit deposit and
// extract, bit counts, gather, long carry chains, loads across lines, and loads that are fed by the stores before them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cpu {

struct SpecialCase {
  const char* name;
  bool (*supported)();
  /// What the instructions give for these operands, and what plain code gives.
  uint64_t (*special)(uint64_t a, uint64_t b);
  uint64_t (*plain)(uint64_t a, uint64_t b);
};

constexpr size_t special_case_count = 9;
extern const SpecialCase special_cases[special_case_count];

}  // namespace cpu
