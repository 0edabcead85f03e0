#include "march/algorithm.hpp"

#include <array>
#include <optional>
#include <utility>

namespace march {
namespace {

constexpr size_t most_elements = 64, most_operations = 64;

/// Reads the notation from left to right, and follows what a sound memory would hold.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Algorithm parse() {
    Algorithm algorithm;
    skip_space();
    const bool braces = take("{");
    do {
      skip_space();
      if (at_ == text_.size() || text_[at_] == '}') break;  // a semicolon at the end does no harm
      algorithm.elements.push_back(element());
      if (algorithm.elements.size() > most_elements) fail("has more than 64 elements");
      skip_space();
    } while (take(";"));
    if (braces && !take("}")) fail("a } or ; is missing");
    skip_space();
    if (at_ < text_.size()) fail(braces ? "nothing may follow the }" : "a ; is missing before this");
    if (algorithm.length() == 0) fail("has no operation");
    return algorithm;
  }

 private:
  [[noreturn]] void fail(const std::string& reason) const { throw BadAlgorithm(at_ + 1, reason); }

  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
      ++at_;
  }

  bool take(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  Element element() {
    if (take("Del") || take("del") || take("pause")) return {};
    Element element;
    if (take("up") || take("⇑"))
      element.order = Order::up;
    else if (take("down") || take("⇓"))
      element.order = Order::down;
    else if (!take("any") && !take("⇕"))
      fail("an element begins with up, down, any or Del");
    skip_space();
    if (!take("(")) fail("a ( is missing");
    std::optional<bool> cell = content_;
    do {
      skip_space();
      element.operations.push_back(operation(cell));
      if (element.operations.size() > most_operations) fail("has more than 64 operations in one element");
      skip_space();
    } while (take(","));
    if (!take(")")) fail("a , or ) is missing");
    content_ = cell;
    return element;
  }

  Operation operation(std::optional<bool>& cell) {
    static constexpr std::array<std::pair<std::string_view, Operation>, 4> operations{
        {{"r0", {false, false}}, {"r1", {false, true}}, {"w0", {true, false}}, {"w1", {true, true}}}};
    for (const auto& [word, operation] : operations) {
      if (text_.substr(at_, 2) != word) continue;
      if (!operation.write && !cell) fail(std::string(word) + " reads what was never written");
      if (!operation.write && *cell != operation.bit)
        fail(std::string(word) + " would fail on good memory: the cells hold " + (*cell ? "1" : "0") + " here");
      cell = operation.bit;
      at_ += 2;
      return operation;
    }
    fail("an operation is r0, r1, w0 or w1");
  }

  std::string_view text_;
  size_t at_ = 0;
  std::optional<bool> content_;  // what every cell holds between two elements
};

/// Small letters and digits of a name, without a leading "march"; '-' and '+' tell names apart.
std::string plain(std::string_view name) {
  std::string result;
  for (const char c : name)
    if (c >= 'A' && c <= 'Z')
      result += static_cast<char>(c - 'A' + 'a');
    else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-')
      result += c;
  if (result.rfind("march-", 0) == 0 && result.size() > 6) return result.substr(6);
  return result.rfind("march", 0) == 0 && result.size() > 5 ? result.substr(5) : result;
}

}  // namespace

BadAlgorithm::BadAlgorithm(size_t where, const std::string& reason)
    : std::runtime_error("column " + std::to_string(where) + ": " + reason), column(where) {}

size_t Algorithm::length() const {
  size_t count = 0;
  for (const Element& element : elements) count += element.operations.size();
  return count;
}

std::string Algorithm::text() const {
  std::string text = "{";
  for (const Element& element : elements) {
    if (text.size() > 1) text += ';';
    if (element.pause()) {
      text += "Del";
      continue;
    }
    text += element.order == Order::up ? "up(" : element.order == Order::down ? "down(" : "any(";
    for (const Operation& operation : element.operations) {
      if (text.back() != '(') text += ',';
      text += operation.write ? 'w' : 'r';
      text += operation.bit ? '1' : '0';
    }
    text += ')';
  }
  return text + "}";
}

Algorithm parse(std::string_view text) { return Parser(text).parse(); }

const Algorithm* find_algorithm(std::string_view name) {
  for (const Algorithm& algorithm : known_algorithms())
    if (plain(algorithm.name) == plain(name)) return &algorithm;
  return nullptr;
}

Algorithm algorithm_of(std::string_view name_or_text) {
  if (const Algorithm* known = find_algorithm(name_or_text)) return *known;
  if (name_or_text.find('(') == std::string_view::npos)
    throw BadAlgorithm(1, "is neither a known march test nor a text such as {any(w0);up(r0,w1);down(r1,w0)}");
  return parse(name_or_text);
}

Algorithm behind_a_cache(const Algorithm& algorithm) {
  Algorithm result;
  result.name = algorithm.name;
  for (const Element& element : algorithm.elements) {
    Element reached{element.order, {}};
    if (!element.pause() && !element.operations.front().write) reached.operations.push_back(element.operations.front());
    for (size_t i = element.operations.size(); i > 0; --i)
      if (element.operations[i - 1].write) {
        reached.operations.push_back(element.operations[i - 1]);
        break;
      }
    result.elements.push_back(std::move(reached));
  }
  return result;
}

}  // namespace march
