// Whether a record or a page is as it was when a station signed it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/durable_folder.hpp"
#include "station/key.hpp"

namespace assay::station {

enum class Integrity {
  whole,        // as it was signed, by a key that this station knows
  unknown_key,  // as it was signed, by a key that nobody here has said to trust
  altered,      // not as it was signed
  unsigned_,    // nobody signed it
};

struct Check {
  Integrity integrity = Integrity::unsigned_;
  std::vector<std::string> altered;  // which parts: "journal.jsonl: changed", "section findings: changed"
  std::vector<std::string> notes;    // files beside it that nobody signed
  std::string station, tested_at, run_id, record_sha256;
  std::map<std::string, std::string> files;  // of a folder that is as it was signed: the SHA-256 of each
  PublicKey key;                             // that signed it; empty when nobody did
};

/// A run's folder by its manifest. Reads every file in it, follows no link.
Check check_folder(const core::DurableFolder& folder, const std::vector<PublicKey>& known);
/// The same by its path; a folder that is not there was signed by nobody.
Check check_folder(const std::string& folder, const std::vector<PublicKey>& known);

/// An HTML report by the seal that it carries.
Check check_page(const std::string& html, const std::vector<PublicKey>& known);

/// A PDF report by the seal behind its end.
Check check_pdf(const std::string& pdf, const std::vector<PublicKey>& known);

}  // namespace assay::station
