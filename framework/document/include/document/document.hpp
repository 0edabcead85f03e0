// TOML files that people write: parsed, checked against a JSON Schema, with every fault at its line and column.
#pragma once

#include <map>
#include <string>

namespace assay::document {

/// What a person writes stays far below this.
constexpr size_t most_bytes = size_t{1} << 20;

class Document {
 public:
  /// Parses TOML text that came from `path` (used in messages only). Throws core::BadInput: "PATH:LINE:COLUMN: REASON",
  /// one line per fault; so too for what is too large or too deep, for inf and nan, for bytes that are no UTF-8.
  static Document parse(const std::string& path, const std::string& text, const char* schema);
  /// The same from a regular file.
  static Document load(const std::string& path, const char* schema);

  /// The content as JSON.
  const std::string& json() const { return json_; }
  /// "PATH:LINE:COLUMN" of the value at a JSON pointer ("/stage/0/id"), or of the closest thing around it.
  std::string place(std::string pointer) const;

 private:
  std::string path_;
  std::string json_;
  std::map<std::string, std::string> places_;
};

}  // namespace assay::document
