// The rigs need root, FUSE and loop devices. Where these are not to be had they are skipped by name; in CI that is a
// failure.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "fuse_disk.hpp"
#include "loop_disk.hpp"

int main(int count, char** arguments) {
  std::string why = assay::test::why_no_rig();
  if (why.empty()) why = assay::test::why_no_loop();
  if (why.empty()) return Catch::Session().run(count, arguments);
  std::printf("SKIPPED: the storage rigs: %s\n", why.c_str());
  const char* ci = std::getenv("CI");
  return ci != nullptr && std::strcmp(ci, "true") == 0 ? 1 : 77;
}
