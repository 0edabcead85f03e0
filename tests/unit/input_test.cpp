// Files that a person names are read whole or refused, and never waited for.
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "../support/command.hpp"
#include "core/errors.hpp"
#include "core/input.hpp"

using namespace assay;
using Catch::Contains;

TEST_CASE("what is no regular file of a fair size is refused by name, without waiting") {
  const test::Scratch scratch;
  test::write_file(scratch / "good", "text");
  CHECK(core::read_input(scratch / "good", 4) == "text");
  test::write_file(scratch / "large", "");
  REQUIRE(truncate((scratch / "large").c_str(), off_t{100} << 20) == 0);
  REQUIRE(mkfifo((scratch / "pipe").c_str(), 0600) == 0);
  const std::vector<std::pair<std::string, std::string>> table{
      {scratch / "good", "is larger than 3 B"},      {scratch / "large", "is larger than 3 B"},
      {scratch / "pipe", "is not a regular file"},   {scratch.path(), "is not a regular file"},
      {"/dev/zero", "is not a regular file"},        {scratch / "absent", "No such file"},
      {std::string(5000, 'x'), "File name too long"}};
  for (const auto& [path, reason] : table)
    CHECK_THROWS_WITH(core::read_input(path, 3), Contains(path + ": ") && Contains(reason));
}
