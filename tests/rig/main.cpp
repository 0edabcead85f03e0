// The rigs need root and FUSE. Where these are not to be had they are skipped by name; in CI that is a failure.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "fuse_disk.hpp"

int main(int count, char** arguments) {
  const std::string why = assay::test::why_no_rig();
  if (why.empty()) return Catch::Session().run(count, arguments);
  std::printf("SKIPPED: the storage rigs: %s\n", why.c_str());
  const char* ci = std::getenv("CI");
  return ci != nullptr && std::strcmp(ci, "true") == 0 ? 1 : 77;
}
