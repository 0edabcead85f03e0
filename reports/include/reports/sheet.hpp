// What the shop and the service case add to a report: never in the journal, since it names people.
#pragma once

#include <string>
#include <vector>

namespace assay::reports {

struct Sheet {
  struct Shop {
    std::string name, address, contact;
    std::string logo;  // the file's bytes, PNG, JPEG or SVG; may be empty
  } shop;
  std::string case_number, technician;
  std::string complaint;            // in the customer's own words
  std::string reproduced;           // "yes", "no", "not-tried" or empty
  std::vector<std::string> done;    // what was done, a sentence each
  std::vector<std::string> advice;  // beside the advice that the findings bring
  std::string next_date;            // "2027-05-01", or empty
};

/// What makes a report trustworthy: who signed what, and in which form it can be checked.
struct Trust {
  /// Why a page is not signed.
  enum class Unsigned { no_reason, never, altered, other_signer, other_run, no_key, not_tied };

  std::string station;        // its name
  std::string fingerprint;    // of its public key; empty: the page is not signed
  std::string record_sha256;  // of record.json, in hex
  Unsigned reason = Unsigned::no_reason;
  bool pdf = false;  // a PDF file carries its seal itself, a page that somebody prints does not
};

}  // namespace assay::reports
