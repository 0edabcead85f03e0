#include "case_sheet.hpp"

#include <nlohmann/json.hpp>

#include "core/json.hpp"
#include "document/document.hpp"

namespace assay::embedded {
extern const char case_sheet_schema[];
}

namespace assay::app {

using nlohmann::json;

reports::Sheet read_sheet(const station::Config& station, const std::string& case_file) {
  reports::Sheet sheet;
  sheet.shop = {station.shop_name, station.shop_address, station.shop_contact, station.logo};
  if (case_file.empty()) return sheet;
  const json given =
      core::parse_json(document::Document::load(case_file, embedded::case_sheet_schema).json(), case_file);
  sheet.case_number = given.value("number", "");
  sheet.technician = given.value("technician", "");
  sheet.complaint = given.value("complaint", "");
  sheet.reproduced = given.value("reproduced", "");
  sheet.done = given.value("done", std::vector<std::string>{});
  sheet.advice = given.value("advice", std::vector<std::string>{});
  sheet.next_date = given.value("next_date", "");
  return sheet;
}

}  // namespace assay::app
