// The templates of the HTML page: the layout and its words. [[Words]] between double brackets are of the catalogue.
#pragma once

#include <string>

#include "language.hpp"

namespace assay::reports {

/// The template with its words in this language, escaped for HTML.
std::string in_words_of(const char* text, const Language& language);

}  // namespace assay::reports
