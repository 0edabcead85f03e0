// A translation with a wrong {name} in it would fail when a customer reads it.
#include <catch2/catch.hpp>
#include <fstream>
#include <regex>
#include <set>

namespace {

std::set<std::string> names_in(const std::string& text) {
  static const std::regex name("\\{[a-z_]*\\}");
  std::set<std::string> names;
  for (std::sregex_iterator at(text.begin(), text.end(), name), end; at != end; ++at) names.insert(at->str());
  return names;
}

/// The text between the first quote and the last of a line; entries are not wrapped.
std::string quoted(const std::string& line) {
  const size_t first = line.find('"');
  return first == std::string::npos ? "" : line.substr(first + 1, line.rfind('"') - first - 1);
}

}  // namespace

TEST_CASE("every translation has the names that its sentence has, and no brace besides") {
  for (const char* language : {"nl", "fi", "zh"}) {
    std::ifstream file(std::string(ASSAY_LOCALES) + "/" + language + ".po");
    REQUIRE(file);
    std::string id;
    int translations = 0;
    for (std::string line; std::getline(file, line);) {
      if (line.rfind("msgid ", 0) == 0) id = quoted(line);
      if (line.rfind("msgstr", 0) != 0 || id.empty()) continue;
      const std::string text = quoted(line);
      INFO(language << ": " << id << " -> " << text);
      CHECK(names_in(text) == names_in(id));
      CHECK(std::count(text.begin(), text.end(), '{') == static_cast<std::ptrdiff_t>(names_in(text).size()));
      ++translations;
    }
    CHECK(translations > 200);
  }
}
