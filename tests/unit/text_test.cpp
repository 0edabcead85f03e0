#include <catch2/catch.hpp>

#include "core/measurement.hpp"
#include "core/text.hpp"

using namespace assay::core;

TEST_CASE("text from outside is made safe") {
  const std::vector<std::pair<std::string, std::string>> table{
      {"plain", "plain"},
      {"Kingston\x01\x1b[31m", "Kingston[31m"},
      {"right\xE2\x80\xAEleft", "rightleft"},  // bidirectional override
      {"zero\xE2\x80\x8Bwidth", "zerowidth"},
      {"bad \xFF byte", "bad \xEF\xBF\xBD byte"},
      {"overlong \xC0\xAF", "overlong \xEF\xBF\xBD\xEF\xBF\xBD"},
      {"two\nlines", "two lines"},
      {"\xE4\xB8\xAD\xE6\x96\x87", "\xE4\xB8\xAD\xE6\x96\x87"},
  };
  for (const auto& [given, expected] : table) CHECK(safe_text(given) == expected);
  CHECK(safe_text("two\nlines", 100, true) == "two\nlines");
  CHECK(safe_text(std::string(10000, 'x'), 100).size() <= 103);
}

TEST_CASE("text on its way out shows what it replaced, and drives nobody's terminal") {
  const std::string mark = "\xEF\xBF\xBD";
  const std::vector<std::tuple<std::string, std::string, std::string>> table{
      // given, as text, as JSON
      {"plain\n\ttext", "plain\n\ttext", "plain\n\ttext"},
      {"a\x1b[31mb", "a" + mark + "[31mb", "a\\u001b[31mb"},
      {"bell\x07", "bell" + mark, "bell\\u0007"},
      {"one\rtwo\r\n", "one" + mark + "two\r\n", "one\\u000dtwo\r\n"},
      {"del\x7f", "del" + mark, "del\\u007f"},
      {"C1 \xC2\x9B[31m", "C1 " + mark + "[31m", "C1 \\u009b[31m"},
      {"raw C1 \x9B[31m", "raw C1 " + mark + "[31m", "raw C1 " + mark + "[31m"},
      {"\xE2\x80\xAE"
       "flip",
       mark + "flip", "\\u202eflip"},
      {"\xE2\x81\xA6iso\xE2\x81\xA9", mark + "iso" + mark, "\\u2066iso\\u2069"},
      {"zero\xE2\x80\x8B"
       "width",
       "zero" + mark + "width", "zero\\u200bwidth"},
      {"tag\xF3\xA0\x81\x81", "tag" + mark, "tag\\udb40\\udc41"},
      {"cut \xE2\x80", "cut " + mark + mark, "cut " + mark + mark},
      {"\xE4\xB8\xAD\xE6\x96\x87 \xC3\xA4", "\xE4\xB8\xAD\xE6\x96\x87 \xC3\xA4", "\xE4\xB8\xAD\xE6\x96\x87 \xC3\xA4"},
  };
  for (const auto& [given, text, json] : table) {
    CHECK(visible_text(given) == text);
    CHECK(visible_json(given) == json);
    CHECK(is_utf8(visible_text(given)));
  }
  CHECK_FALSE(is_utf8("\xC2"));
  CHECK_FALSE(is_plain("a\nb"));
  CHECK(is_plain("first run"));
}

TEST_CASE("durations are read as people write them") {
  CHECK(parse_duration("90") == 90.0);
  CHECK(parse_duration("1h 20m") == 4800.0);
  CHECK(parse_duration("0.5h") == 1800.0);
  CHECK(parse_duration("250ms") == 0.25);
  for (const char* wrong : {"", "soon", "1x", "h", "1..5s", "-3s", "1 h x"}) CHECK_FALSE(parse_duration(wrong));
  CHECK(format_duration(4800) == "1 h 20 min");
  CHECK(format_duration(45) == "45 s");
}

TEST_CASE("a measurement is judged by the worst limit that it breaks") {
  const std::vector<Limit> limits{{Comparator::at_least, 60, Result::marginal},
                                  {Comparator::at_least, 40, Result::fail}};
  CHECK(judge(60, limits) == Result::pass);
  CHECK(judge(59.9, limits) == Result::marginal);
  CHECK(judge(39, limits) == Result::fail);
  CHECK(judge(1, {{Comparator::below, 1, Result::fail}}) == Result::fail);
  CHECK(judge(1, {{Comparator::equal, 1, Result::fail}}) == Result::pass);
  CHECK(judge(1, {}) == Result::pass);
}

TEST_CASE("seeds that are derived differ, and do not change") {
  CHECK(derive_seed(1, 0) != derive_seed(1, 1));
  CHECK(derive_seed(1, 0) != derive_seed(2, 0));
  CHECK(derive_seed(7, 9) == derive_seed(7, 9));
}
