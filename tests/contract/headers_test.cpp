// Every public header compiles alone, in every language that it is for.
#include <catch2/catch.hpp>
#include <filesystem>

#include "../support/command.hpp"

using namespace assay::test;

TEST_CASE("every C header of the SDK compiles alone as C11 and as C++") {
  const Scratch scratch;
  const std::string include = source_folder() + "/sdk/include";
  int tried = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(include)) {
    const std::string header = std::filesystem::relative(entry.path(), include).string();
    const bool c = entry.path().extension() == ".h";
    if (!c && entry.path().extension() != ".hpp") continue;
    ++tried;
    write_file(scratch / "alone.c", "#include <" + header + ">\nint unused;\n");
    const std::vector<std::string> standards =
        c ? std::vector<std::string>{"-xc -std=c11", "-xc++ -std=c++11", "-xc++ -std=c++20"}
          : std::vector<std::string>{"-xc++ -std=c++20"};
    for (const auto& standard : standards) {
      INFO(header << " " << standard);
      const auto outcome =
          run({"sh", "-c",
               "cc " + standard + " -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -fsyntax-only -I'" +
                   include + "' '" + (scratch / "alone.c") + "'"});
      INFO(outcome.errors);
      CHECK(outcome.exit_code == 0);
    }
  }
  CHECK(tried >= 6);
}

TEST_CASE("the layout of the plugin ABI does not move") {
  const Scratch scratch;
  write_file(scratch / "abi.c",
             "#include <assay/plugin.h>\n"
             "_Static_assert(sizeof(assay_host) == 24, \"host\");\n"
             "_Static_assert(offsetof(assay_host, log) == 16, \"host.log\");\n"
             "_Static_assert(sizeof(assay_trial) == 120, \"trial\");\n"
             "_Static_assert(offsetof(assay_trial, seed) == 48, \"trial.seed\");\n"
             "_Static_assert(offsetof(assay_trial, error) == 112, \"trial.error\");\n"
             "_Static_assert(sizeof(assay_test_description) == 48, \"description\");\n"
             "_Static_assert(sizeof(assay_test) == 48, \"test\");\n"
             "_Static_assert(offsetof(assay_test, run) == 24, \"test.run\");\n"
             "_Static_assert(sizeof(assay_test_factory) == 24, \"factory\");\n"
             "_Static_assert(sizeof(assay_entry) == 32, \"entry\");\n"
             "int unused;\n");
  const auto outcome =
      run({"cc", "-std=c11", "-fsyntax-only", "-I" + source_folder() + "/sdk/include", scratch / "abi.c"});
  INFO(outcome.errors);
  CHECK(outcome.exit_code == 0);
}

TEST_CASE("every plugin of Assay's own passes the kit that vendors get") {
  int checked = 0;
  for (const auto& entry : std::filesystem::directory_iterator(build_folder() + "/lib/assay/plugins")) {
    if (entry.path().extension() != ".so") continue;
    ++checked;
    const auto outcome = run({program(), "plugin", "check", entry.path().string()});
    INFO(outcome.output << outcome.errors);
    CHECK(outcome.exit_code == 0);
  }
  CHECK(checked == 6);
}
