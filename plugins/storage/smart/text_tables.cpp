#include "text_tables.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <sstream>

namespace smart {
namespace {

bool begins(const std::string& text, const char* start) { return text.rfind(start, 0) == 0; }
bool contains(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

/// "5", and with smartctl's option -f hex "0x05"; -1 where it is neither.
int small_number(const std::string& word) {
  const bool hex =
      begins(word, "0x") && word.size() > 2 && word.find_first_not_of("0123456789abcdefABCDEF", 2) == std::string::npos;
  if (word.size() > 4 || (!hex && !is_digits(word))) return -1;
  return static_cast<int>(std::strtol(word.c_str() + (hex ? 2 : 0), nullptr, hex ? 16 : 10));
}

/// "100", or "---" where the drive has none.
bool is_value(const std::string& word) {
  return small_number(word) >= 0 || (!word.empty() && word.find_first_not_of('-') == std::string::npos);
}

/// What follows the first `count` words.
std::string after_words(const std::string& line, size_t count) {
  size_t at = 0;
  for (size_t i = 0; i < count && at != std::string::npos; ++i)
    at = line.find_first_of(" \t", line.find_first_not_of(" \t", at));
  const size_t first = at == std::string::npos ? at : line.find_first_not_of(" \t", at);
  if (first == std::string::npos) return {};
  return line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
}

}  // namespace

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

bool is_digits(const std::string& word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

std::optional<Attribute> attribute_in(const std::string& line) {
  const std::vector<std::string> words = words_of(line);
  if (words.size() < 8 || small_number(words[0]) < 0) return std::nullopt;
  const bool with_types = begins(words[2], "0x") && words.size() >= 10;
  const bool brief = words[2].size() >= 6 && words[2].find_first_not_of("POSRCK-+") == std::string::npos;
  if ((!with_types && !brief) || !is_value(words[3]) || !is_value(words[4]) || !is_value(words[5])) return std::nullopt;
  const size_t failed = with_types ? 8 : 6;
  return Attribute{small_number(words[0]),
                   words[1],
                   after_words(line, failed + 1),
                   small_number(words[3]),
                   small_number(words[4]),
                   small_number(words[5]),
                   words[failed] == "FAILING_NOW" || words[failed] == "NOW",
                   words[failed] == "In_the_past" || words[failed] == "Past"};
}

std::optional<SelfTest> self_test_in(const std::string& line, bool in_nvme_log) {
  const std::vector<std::string> words = words_of(line);
  if (words.size() < 4) return std::nullopt;
  const bool nvme = in_nvme_log && is_digits(words[0]) && (words[1] == "Short" || words[1] == "Extended");
  if (!nvme && words[0] != "#" && !(words[0][0] == '#' && is_digits(words[0].substr(1)))) return std::nullopt;
  const auto says = [&](const char* part) { return contains(line, part); };
  const bool scsi = says("ground ");
  SelfTest test;
  test.extended = says("Extended") || (scsi && says("ground long"));
  test.running = says("in progress");
  test.passed = says("Completed without error") || (scsi && says("Completed ") && !says("Completed, "));
  test.failed =
      says("Completed: ") || says("Fatal or unknown") || says("Failed in ") || says("Completed, segment failed");
  // SCSI's sense data stand in brackets after the block.
  const std::vector<std::string> before = words_of(line.substr(0, line.find('[')));
  const std::string& last = before.back();
  if (test.failed && (is_digits(last) || begins(last, "0x"))) test.lba = std::strtod(last.c_str(), nullptr);
  return test;
}

std::optional<Statistic> statistic_in(const std::string& line) {
  const std::vector<std::string> words = words_of(line);
  if (words.size() < 6 || !begins(words[1], "0x") || !is_digits(words[2])) return std::nullopt;
  const std::string digits = words[3].substr(0, words[3].find_last_not_of("~") + 1);
  if (!is_digits(digits) || digits.size() > 20) return std::nullopt;
  // Between value and name stand the flags, in newer versions.
  const bool flags = words[4].size() == 3 && words[4].find_first_not_of("VNDC-+") == std::string::npos;
  return Statistic{after_words(line, flags ? 5 : 4), std::strtod(digits.c_str(), nullptr)};
}

}  // namespace smart
