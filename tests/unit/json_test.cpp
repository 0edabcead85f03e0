// What JSON from outside must keep to, and how it is refused.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "core/errors.hpp"
#include "core/json.hpp"

using namespace assay::core;
using Catch::Contains;

namespace {

std::string why(const std::string& text, const JsonLimits& limits = {}) {
  std::string plain, ordered;
  try {
    parse_json(text, "file.json", limits);
  } catch (const BadInput& bad) {
    plain = bad.what();
  }
  try {
    parse_ordered_json(text, "file.json", limits);
  } catch (const BadInput& bad) {
    ordered = bad.what();
  }
  CHECK(plain == ordered);
  CHECK(json_or_null(text, limits).is_null() == !plain.empty());
  return plain;
}

std::string object_of(int members) {
  std::string text = "{";
  for (int i = 0; i < members; ++i) text += (i > 0 ? "," : "") + ("\"k" + std::to_string(i) + "\":1");
  return text + "}";
}

}  // namespace

TEST_CASE("JSON that cannot be taken is refused with the file and the field") {
  const std::vector<std::pair<std::string, std::string>> table{
      {"{\"a\": [1, {\"b\": 9e999}]}", "file.json: /a/1/b: is a number out of range"},
      {"[-1e400]", "file.json: /0: is a number out of range"},
      {"[0, 18446744073709551616]", "file.json: /1: is a whole number that 64 bits do not hold"},
      {"[-9223372036854775809]", "file.json: /0: is a whole number that 64 bits do not hold"},
      {"{\"a\": 1, \"b\": 2, \"a\": 3}", "file.json: /a: occurs twice"},
      {object_of(100).insert(1, "\"k99\":1,"), "file.json: /k99: occurs twice"},
      {std::string(100'000, '['), "is nested deeper than 64 levels"},
      {"{\"a\":\n  oops}", "file.json: is not JSON: line 2, column 3"},
      {"[NaN]", "is not JSON"},
      {"[1] 2", "is not JSON"},
      {"[\"\xFF\"]", "is not JSON"},
      {std::string("[1]\0", 4), "is not JSON"},
      {"", "is not JSON"},
  };
  for (const auto& [text, reason] : table) {
    INFO(text.substr(0, 60));
    CHECK_THAT(why(text), Contains(reason));
  }
  CHECK_THAT(why("[1, 2, 3]", {4}), Contains("file.json: is larger than 4 bytes"));
  CHECK(why(std::string(64, '[') + std::string(64, ']')).empty());
  CHECK(why(object_of(100)).empty());
}

TEST_CASE("JSON is read as it is written") {
  const auto document = parse_json(R"({"b": [1, -2, 0.5, true, null, "é"], "a": {}, "n": 18446744073709551615})", "x");
  CHECK(document ==
        nlohmann::json::parse(R"({"a": {}, "b": [1, -2, 0.5, true, null, "é"], "n": 18446744073709551615})"));
  CHECK(parse_ordered_json(R"({"b": 1, "a": 2})", "x").dump() == R"({"b":1,"a":2})");
  CHECK(parse_json("-0.0", "x").dump() == "0.0");
  CHECK(parse_json("-0", "x").dump() == "0");
}

TEST_CASE("a parameter's value is a number that it holds, a text or a truth") {
  CHECK(to_value(nlohmann::json(3), "p") == Value(int64_t{3}));
  CHECK(to_value(nlohmann::json(0.5), "p") == Value(0.5));
  CHECK(to_value(nlohmann::ordered_json("a"), "p") == Value(std::string("a")));
  for (const nlohmann::json& wrong : {nlohmann::json(), nlohmann::json::array(), nlohmann::json(18446744073709551615u),
                                      nlohmann::json(HUGE_VAL), nlohmann::json(std::nan(""))})
    CHECK_THROWS_WITH(to_value(wrong, "parameter n"), Contains("parameter n: "));
}
