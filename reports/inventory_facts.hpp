// The inventory in a record, as facts to show. The record may come from anywhere: a field of another type counts as
// not there.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "language.hpp"
#include "reports/view.hpp"

namespace assay::reports {

std::string json_text(const nlohmann::json& object, const char* key);
double json_number(const nlohmann::json& object, const char* key);

/// A text, a number or a list in a group of the machine's, such as system.serial; a list may stand alone, as disks.
std::string machine_text(const nlohmann::json& machine, const char* group, const char* key);
double machine_number(const nlohmann::json& machine, const char* group, const char* key);
nlohmann::json machine_list(const nlohmann::json& machine, const char* group, const char* key = nullptr);

/// What is gone, new or another: by name, each as often as it is there.
std::vector<Fact> inventory_changes(const std::vector<Fact>& before, const std::vector<Fact>& now,
                                    const Language& language);

std::vector<Fact> inventory_facts(const nlohmann::json& machine, const Language& language);

}  // namespace assay::reports
