#include "pieces.hpp"

#include <set>
#include <sstream>

namespace smart {
namespace {

constexpr size_t npos = std::string::npos;

bool begins(const std::string& line, const char* start) { return line.rfind(start, 0) == 0; }

/// `{ "` and `[ {` begin a document; other brackets are text.
bool begins_document(const std::string& text, size_t at) {
  const size_t next = text.find_first_not_of(" \t\r\n", at + 1);
  if (next == npos) return false;
  return (text[at] == '{' && text[next] == '"') || (text[at] == '[' && text[next] == '{');
}

/// One past the bracket that closes the one at `start`; npos where none does.
size_t end_of_document(const std::string& text, size_t start) {
  int depth = 0;
  bool in_string = false;
  for (size_t i = start; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return i + 1;
    }
  }
  return npos;
}

}  // namespace

std::vector<Piece> pieces_of(const std::string& text) {
  std::vector<Piece> pieces;
  size_t text_from = 0, at = 0, work = 0;
  const auto add_text = [&](size_t end) {
    if (end > text_from) pieces.push_back({false, text.substr(text_from, end - text_from)});
  };
  while ((at = text.find_first_of("{[", at)) != npos) {
    // Text that opens brackets and never closes them could make this slow.
    if (work > 8 * text.size()) break;
    if (!begins_document(text, at)) {
      ++at;
      continue;
    }
    size_t end = end_of_document(text, at);
    work += (end == npos ? text.size() : end) - at;
    if (end == npos) end = std::min(text.find("\n{", at + 1), text.size());
    if (text.substr(at, end - at).find("\"smartctl\"") != npos) {
      add_text(at);
      pieces.push_back({true, text.substr(at, end - at)});
      text_from = end;
    }
    at = end;
  }
  add_text(text.size());
  return pieces;
}

namespace {

/// smartctl's first line: "smartctl 7.3 2022-02-28 r5338 [x86_64-linux-6.1.0] (local build)".
bool is_banner(const std::string& line) {
  return begins(line, "smartctl ") && line.find('[') != npos && line.find_first_of("0123456789") != npos;
}

/// What is said once of one drive; empty for other lines.
std::string said_once(const std::string& line) {
  for (const char* key :
       {"Model Family:", "Device Model:", "Model Number:", "Serial Number:", "Serial number:", "Vendor:", "Product:",
        "SMART overall-health self-assessment test result:", "SMART Health Status:", "SMART/Health Information (NVMe"})
    if (begins(line, key)) return key;
  if (begins(line, "Device:") && line.find("Version:") != npos) return "Device:";
  if (begins(line, "ID#") && line.find("ATTRIBUTE_NAME") != npos) return "ID#";
  return {};
}

bool is_name(const std::string& key) {
  return key == "Model Family:" || key == "Device Model:" || key == "Model Number:" || key == "Vendor:" ||
         key == "Device:";
}

class Splitter {
 public:
  std::vector<std::string> split(const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line); last_ = line.find_first_not_of(" \t\r") == npos ? last_ : line)
      take(line);
    // Every line had an end but for the last, perhaps.
    if (!text.empty() && text.back() != '\n') current_.pop_back();
    drives_.push_back(current_);
    return drives_;
  }

 private:
  void take(const std::string& line) {
    const size_t first = line.find_first_not_of(" \t");
    const std::string plain = first == npos ? "" : line.substr(first);
    std::string key = said_once(line);
    // smartctl -H lists what is at its threshold in a table of its own before the table of all.
    if (key == "ID#" && last_.find("ttributes:") != npos && last_.find("Vendor Specific") == npos) key.clear();
    if (is_banner(plain))
      begin();
    else if (begins(plain, "=== START OF INFORMATION SECTION ===")) {
      if (!seen_.empty() || section_) begin();
      section_ = true;
    } else if (!key.empty()) {
      if (seen_.count(key) > 0 || (is_name(key) && judged())) begin();
      seen_.insert(key);
    }
    current_ += line + "\n";
  }

  bool judged() const {
    return seen_.count("ID#") + seen_.count("SMART Health Status:") + seen_.count("SMART/Health Information (NVMe") +
               seen_.count("SMART overall-health self-assessment test result:") >
           0;
  }

  /// What another drive follows was not cut off: an empty line ends its tables.
  void begin() {
    if (!current_.empty()) drives_.push_back(current_ + "\n");
    current_.clear();
    seen_.clear();
    section_ = false;
  }

  std::vector<std::string> drives_;
  std::string current_, last_;
  std::set<std::string> seen_;
  bool section_ = false;
};

}  // namespace

std::vector<std::string> drives_in(const std::string& text) { return Splitter().split(text); }

}  // namespace smart
