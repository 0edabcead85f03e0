#include "template.hpp"

namespace assay::reports {

std::string in_words_of(const char* text, const Language& language) {
  std::string result(text);
  for (size_t at = 0; (at = result.find("[[", at)) != std::string::npos;) {
    const size_t end = result.find("]]", at);
    if (end == std::string::npos) break;
    std::string words;
    for (const char c : language.say(result.substr(at + 2, end - at - 2)))
      words += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '"' ? "&quot;" : std::string(1, c);
    result.replace(at, end + 2 - at, words);
    at += words.size();
  }
  return result;
}

}  // namespace assay::reports
