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
