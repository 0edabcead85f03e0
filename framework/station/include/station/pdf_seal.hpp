// The seal of a PDF report: the hash of the whole file, signed, as a comment after its end. PDF readers pass over it;
// the file's own end is repeated behind it, since they look for that from the back.
#pragma once

#include <string>

#include "station/page_seal.hpp"

namespace assay::station {

bool is_pdf(const std::string& bytes);

/// The file with its seal; as it is when its end cannot be found.
std::string seal_pdf(const std::string& pdf, const PageOrigin& origin, const Key& key);

/// The one way in which a seal stands in a file; all three in base64.
std::string with_pdf_seal(const std::string& pdf, const std::string& statement, const std::string& signature,
                          const std::string& key);

/// Takes the seal off a file: its statement, signature and key, in base64, as JSON; empty if it has none.
std::string take_pdf_seal(std::string& pdf);

}  // namespace assay::station
