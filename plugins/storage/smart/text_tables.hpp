// The rows of the tables in smartctl's text.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "attributes.hpp"

namespace smart {

std::vector<std::string> words_of(const std::string& line);
bool is_digits(const std::string& word);

/// "  5 Reallocated_Sector_Ct   0x0033   100   100   010    Pre-fail  Always       -       0", and in brief
/// "  5 Reallocated_Sector_Ct   PO--CK   100   100   010    -    0".
std::optional<Attribute> attribute_in(const std::string& line);

/// ATA's "# 1  Short offline       Completed: read failure       90%      1234         12345678", SCSI's
/// "# 1  Background short  Failed in segment -->       3    1234   0x12345 [0x3 0x11 0x0]", and within NVMe's log
/// " 0   Short             Completed without error     123  -  -  -  -  -".
std::optional<SelfTest> self_test_in(const std::string& line, bool in_nvme_log);

struct Statistic {
  std::string name;
  double value;
};

/// ATA's device statistics: "0x07  0x008  1               1  N--  Percentage Used Endurance Indicator".
std::optional<Statistic> statistic_in(const std::string& line);

}  // namespace smart
