// Plans as bytes: whatever a file holds, there is one way to refuse it, with file and line.
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "../support/command.hpp"
#include "core/errors.hpp"
#include "plan/plan.hpp"

using namespace assay;
using Catch::Contains;

namespace {

/// A plan with one value that the table sets.
std::string plan_with(const std::string& value) {
  return "[plan]\nid = \"p\"\ntitle.en = \"P\"\n[[stage]]\nid = \"a\"\n[[stage.test]]\nuse = \"x\"\nparameters.n = " +
         value + "\n";
}

std::string why(const std::string& text) {
  try {
    plan::parse_plan("mine.toml", text);
    return "";
  } catch (const core::BadInput& bad) {
    return bad.what();
  }
}

std::string repeated(const std::string& piece, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += piece;
  return text;
}

}  // namespace

TEST_CASE("a plan that holds what no plan can is refused with file and line") {
  const std::vector<std::pair<std::string, std::string>> table{
      {plan_with("inf"), "mine.toml:8:16: is not a finite number"},
      {plan_with("nan"), "mine.toml:8:16: is not a finite number"},
      {plan_with("9e999"), "mine.toml:8:"},
      {plan_with("9223372036854775808"), "mine.toml:8:"},
      {plan_with(repeated("[", 100'000)), "mine.toml:8:"},
      {plan_with(repeated("[", 31) + repeated("]", 31)), "mine.toml:8:"},
      {plan_with("{ " + repeated("a.", 100) + "a = 1 }"), "nested too deep"},
      {repeated("a.", 400'000) + "a = 1", "mine.toml:1:1: has more than 200 dots"},
      {plan_with("\"\xFF\""), "mine.toml:8:"},
      {plan_with(std::string("\"a\0b\"", 5)), "mine.toml:8:"},
      {plan_with("1\nlong = \"" + std::string(2 << 20, 'x') + "\""), "is larger than 1 MiB"},
  };
  for (const auto& [text, reason] : table) {
    INFO(text.substr(0, 200));
    CHECK_THAT(why(text), Contains(reason));
  }
  CHECK_THAT(why(plan_with("1").insert(7, "confirm = 1979-05-27\n")), Contains("confirm"));
}

TEST_CASE("a byte order mark and the line ends of other systems make no difference") {
  CHECK(why(plan_with("3")).empty());
  CHECK(why("\xEF\xBB\xBF" + plan_with("3")).empty());
  std::string other;
  for (const char c : plan_with("3")) other += c == '\n' ? std::string("\r\n") : std::string(1, c);
  CHECK(why(other).empty());
}

TEST_CASE("a pipe, a folder or a device given as a plan is refused at once") {
  const test::Scratch scratch;
  REQUIRE(mkfifo((scratch / "pipe.toml").c_str(), 0600) == 0);
  for (const std::string& path : {scratch / "pipe.toml", scratch.path(), std::string("/dev/zero")})
    CHECK_THROWS_WITH(plan::load_plan(path, {}), Contains(path + ": is not a regular file"));
  CHECK_THROWS_WITH(plan::load_plan(std::string(5000, 'x') + ".toml", {}), Contains("no such plan file"));
}

TEST_CASE("one plan that cannot be read hides no other") {
  const test::Scratch scratch;
  test::write_file(scratch / "bad.toml", "[plan");
  test::write_file(scratch / "good.toml", plan_with("3"));
  REQUIRE(mkfifo((scratch / "pipe.toml").c_str(), 0600) == 0);
  const auto list = plan::list_plans({scratch.path()});
  CHECK(list.plans.size() == 1);
  CHECK(list.refused.size() == 2);
}
