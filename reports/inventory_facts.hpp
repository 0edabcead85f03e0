// The machine's parts as lines of a table.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "reports/view.hpp"

namespace assay::reports {

/// The text at machine[group][key], or nothing. `machine` is the inventory's JSON as the record carries it.
std::string machine_text(const nlohmann::json& machine, const char* group, const char* key);

std::vector<Fact> inventory_facts(const nlohmann::json& machine);

}  // namespace assay::reports
