// What a trial may do, from what its manifest declares and what the station allows.
#include "engine/confinement.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>

using namespace assay;

namespace {

catalog::Test greedy() {
  catalog::Test test;
  test.needs.root = test.needs.most_memory = test.needs.processes = test.needs.ring = true;
  test.needs.physical_addresses = true;
  test.needs.network = catalog::Network::link;
  test.needs.capabilities = {"CAP_SYS_RAWIO"};
  test.needs.devices = {"usb"};
  return test;
}

const core::Target machine{"machine", "machine", "machine", {}, false};

}  // namespace

TEST_CASE("without an allowance nothing beyond an ordinary process is granted, and the rest is") {
  catalog::Plugin plugin;
  plugin.dependencies = {{"/opt/acme/libacme.so.1", "ab"}};
  const auto held = engine::confinement_of(plugin, greedy(), machine);
  CHECK_FALSE(held.root);
  CHECK_FALSE(held.physical_addresses);
  CHECK(held.capabilities.empty());
  CHECK(held.devices.empty());
  CHECK(held.network == runner::Network::none);
  CHECK(held.processes);
  CHECK(held.ring);
  CHECK(held.locked_memory);
  CHECK(held.address_space == 0);
  REQUIRE(engine::files_of(plugin).size() == 2);
  CHECK(engine::files_of(plugin)[1].path == "/opt/acme/libacme.so.1");
  CHECK(engine::privileges_in(held, greedy()).empty());
}

TEST_CASE("with an allowance what was declared is granted, as far as this host has it to give, and recorded") {
  catalog::Plugin plugin;
  plugin.allowance = {catalog::Allowance::By::word, "2026-11-25"};
  const bool root = geteuid() == 0;
  const auto held = engine::confinement_of(plugin, greedy(), machine);
  CHECK(held.root == root);
  CHECK(held.physical_addresses);
  CHECK(held.capabilities == (root ? std::vector<std::string>{"CAP_SYS_RAWIO"} : std::vector<std::string>{}));
  CHECK(held.network == runner::Network::link);
  const auto told = engine::privileges_in(held, greedy());
  CHECK((std::find(told.begin(), told.end(), "root") != told.end()) == root);
}

TEST_CASE("what was not declared is not granted, allowed or not") {
  catalog::Plugin plugin;
  plugin.allowance = {catalog::Allowance::By::own, ""};
  const auto held = engine::confinement_of(plugin, catalog::Test{}, machine);
  CHECK_FALSE(held.root);
  CHECK_FALSE(held.physical_addresses);
  CHECK_FALSE(held.processes);
  CHECK_FALSE(held.ring);
  CHECK_FALSE(held.locked_memory);
  CHECK(held.capabilities.empty());
  CHECK(held.devices.empty());
  CHECK(held.network == runner::Network::none);
  CHECK(held.address_space == uint64_t{1} << 30);
}
