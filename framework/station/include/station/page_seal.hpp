// The seal of an HTML report: each section's hash, signed, in the page itself, so that the file alone can be checked.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "station/key.hpp"

namespace assay::station {

/// What the seal says besides the page's parts.
struct PageOrigin {
  std::string run_id, station_name, tested_at, record_sha256;
};

/// The page with its seal. The page must have no seal yet.
std::string seal_page(const std::string& html, const PageOrigin& origin, const Key& key);

/// The one way in which a seal stands in a page; all three in base64.
std::string with_seal(const std::string& html, const std::string& statement, const std::string& signature,
                      const std::string& key);

/// The page's parts by name: what is before the first section, then each section.
std::vector<std::pair<std::string, std::string>> page_parts(const std::string& html);

/// Takes the seal out of a page: its statement, signature and key, in base64, as JSON; empty if it has none.
std::string take_seal(std::string& html);

}  // namespace assay::station
