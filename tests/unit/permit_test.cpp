// What the station lets plugins have: by a vendor's key, or by the technician's word for one file.
#include "permit/permits.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "../support/command.hpp"
#include "core/errors.hpp"
#include "core/text.hpp"

using namespace assay;
using catalog::Allowance;
using Catch::Contains;
using permit::Permits;
using test::Scratch;

namespace {

/// A plugin's file, as the catalog would have read it: of which only the bytes and the needs matter here.
catalog::Plugin plugin_at(const std::string& path, const std::string& bytes) {
  test::write_file(path, bytes);
  catalog::Plugin plugin;
  plugin.path = path;
  plugin.manifest.id = "acme";
  plugin.manifest.version = "1.0.0";
  plugin.sha256 = core::sha256(bytes);
  catalog::Test needy;
  needy.id = "acme.probe";
  needy.needs.devices = {"usb"};
  plugin.manifest.tests = {needy};
  return plugin;
}

catalog::Dependency library_at(const std::string& path, const std::string& bytes) {
  test::write_file(path, bytes);
  return {path, core::sha256(bytes)};
}

}  // namespace

TEST_CASE("nobody has allowed anything at first, and our own need nobody") {
  const Scratch scratch;
  catalog::Plugin plugin = plugin_at(scratch / "acme.so", "one");
  const Permits permits({scratch / "station"});
  CHECK(permits.of(plugin).by == Allowance::By::nobody);
  plugin.allowance.by = Allowance::By::own;
  CHECK(permits.of(plugin).by == Allowance::By::own);
}

TEST_CASE("the technician's word holds for that very file and what it asked for, until it is taken back") {
  const Scratch scratch;
  const std::string station = scratch / "station";
  const catalog::Plugin plugin = plugin_at(scratch / "acme.so", "one");
  CHECK(Permits({station}).allow(plugin));
  struct stat status {};
  REQUIRE(stat((station + "/allowed.json").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  CHECK(std::distance(std::filesystem::directory_iterator(station), {}) == 1);  // nothing is left beside it
  CHECK_FALSE(Permits({station}).allow(plugin));
  const auto allowed = Permits({station}).of(plugin);
  CHECK(allowed.by == Allowance::By::word);
  CHECK(allowed.who.size() == std::string("2026-11-25").size());

  catalog::Plugin other = plugin_at(scratch / "acme2.so", "two");
  CHECK_FALSE(Permits({station}).of(other));
  catalog::Plugin more = plugin;
  more.manifest.tests[0].needs.root = true;
  CHECK_FALSE(Permits({station}).of(more));
  catalog::Plugin remade = plugin;
  remade.dependencies = {library_at(scratch / "libacme.so", "library")};
  CHECK_FALSE(Permits({station}).of(remade));
  catalog::Plugin less = plugin;
  less.manifest.tests[0].needs = {};
  CHECK(Permits({station}).of(less));

  for (const std::string& named : {plugin.sha256, std::string("acme"), std::string("acme.so")}) {
    CHECK(Permits({station}).forbid("other") == 0);
    CHECK(Permits({station}).forbid(named) == 1);
    CHECK_FALSE(Permits({station}).of(plugin));
    CHECK(Permits({station}).allow(plugin));
  }
}

TEST_CASE("what a trusted vendor signed may have what it asks for; a changed file, or another's, may not") {
  const Scratch scratch;
  const std::string station = scratch / "station";
  const auto vendor = station::Key::load_or_make(scratch / "vendor"),
             stranger = station::Key::load_or_make(scratch / "x");
  catalog::Plugin plugin = plugin_at(scratch / "acme.so", "one");
  permit::sign(plugin.path, vendor);
  CHECK_FALSE(Permits({station}).of(plugin));
  permit::trust(station, "acme", scratch / "vendor/station.pub");
  const auto allowed = Permits({station}).of(plugin);
  CHECK(allowed.by == Allowance::By::vendor);
  CHECK(allowed.who == "acme");

  plugin = plugin_at(scratch / "acme.so", "changed");
  CHECK_FALSE(Permits({station}).of(plugin));
  permit::sign(plugin.path, stranger);
  CHECK_FALSE(Permits({station}).of(plugin));
  permit::sign(plugin.path, vendor);
  CHECK(Permits({station}).of(plugin));
  test::write_file(plugin.path, "exchanged after it was hashed");
  CHECK_FALSE(Permits({station}).of(plugin));
  permit::sign(plugin.path, vendor);  // a signed file, but not the one that was read
  CHECK_FALSE(Permits({station}).of(plugin));
  plugin = plugin_at(scratch / "acme.so", "changed");
  permit::sign(plugin.path, vendor);
  test::write_file(plugin.path + ".sig", test::read_file(plugin.path + ".sig").substr(0, 63));
  CHECK_FALSE(Permits({station}).of(plugin));
  std::filesystem::remove(plugin.path + ".sig");
  CHECK_FALSE(Permits({station}).of(plugin));
}

TEST_CASE("a library that a signed plugin is made with is signed as well") {
  const Scratch scratch;
  const std::string station = scratch / "station";
  const auto vendor = station::Key::load_or_make(scratch / "vendor");
  permit::trust(station, "acme", scratch / "vendor/station.pub");
  catalog::Plugin plugin = plugin_at(scratch / "acme.so", "one");
  permit::sign(plugin.path, vendor);
  plugin.dependencies = {library_at(scratch / "libacme.so", "library")};
  CHECK_FALSE(Permits({station}).of(plugin));
  permit::sign(scratch / "libacme.so", vendor);
  CHECK(Permits({station}).of(plugin));
  plugin.dependencies = {library_at(scratch / "libacme.so", "another library")};
  CHECK_FALSE(Permits({station}).of(plugin));
}

TEST_CASE("a signature is what openssl makes and checks") {
  const Scratch scratch;
  const auto vendor = station::Key::load_or_make(scratch / "vendor");
  const catalog::Plugin plugin = plugin_at(scratch / "acme.so", "some bytes");
  permit::sign(plugin.path, vendor);
  const auto checked = test::run({"openssl", "pkeyutl", "-verify", "-pubin", "-inkey", scratch / "vendor/station.pub",
                                  "-rawin", "-in", plugin.path, "-sigfile", plugin.path + ".sig"});
  CHECK_THAT(checked.output, Contains("Verified Successfully"));
}

TEST_CASE("a vendor's name and key are checked before they are trusted") {
  const Scratch scratch;
  station::Key::load_or_make(scratch / "a"), station::Key::load_or_make(scratch / "b");
  test::write_file(scratch / "no.pub", "no key");
  for (const char* name : {"", "../station", "a/b", "a.pub", "a b"})
    CHECK_THROWS_AS(permit::trust(scratch / "station", name, scratch / "a/station.pub"), core::BadInput);
  CHECK_THROWS_AS(permit::trust(scratch / "station", "acme", scratch / "no.pub"), core::BadInput);
  CHECK_THROWS_AS(permit::trust(scratch / "station", "acme", scratch / "a/station.key"), core::BadInput);
  permit::trust(scratch / "station", "acme", scratch / "a/station.pub");
  permit::trust(scratch / "station", "acme", scratch / "a/station.pub");
  CHECK_THROWS_AS(permit::trust(scratch / "station", "acme", scratch / "b/station.pub"), core::BadInput);
}

TEST_CASE("a damaged file of words counts for nothing, and is named") {
  const Scratch scratch;
  const catalog::Plugin plugin = plugin_at(scratch / "acme.so", "one");
  for (const std::string& text : {std::string("{"), std::string("[]"), std::string(R"({"allowed": [{}]})"),
                                  std::string(R"({"allowed": 9e999})"), std::string(100000, '[')}) {
    test::write_file(scratch / "allowed.json", text);
    const Permits permits({scratch.path()});
    REQUIRE(permits.problems().size() == 1);
    CHECK_THAT(permits.problems()[0], Contains("allowed.json is damaged"));
    CHECK(permits.of(plugin).by == Allowance::By::nobody);
  }
}

TEST_CASE("root believes no word and no key that somebody else could have written") {
  if (geteuid() != 0) {
    WARN("skipped: needs root");
    return;
  }
  const Scratch scratch;
  const std::string station = scratch / "station";
  const catalog::Plugin plugin = plugin_at(scratch / "acme.so", "one");
  REQUIRE(Permits({station}).allow(plugin));
  chmod((station + "/allowed.json").c_str(), 0666);
  CHECK_FALSE(Permits({station}).of(plugin));
  CHECK_THAT(Permits({station}).problems().at(0), Contains("allowed.json") && Contains("counts for nothing"));
  chmod((station + "/allowed.json").c_str(), 0600);
  CHECK(Permits({station}).of(plugin));
  REQUIRE(chown((station + "/allowed.json").c_str(), 12345, 0) == 0);
  CHECK_FALSE(Permits({station}).of(plugin));
  Permits({station}).forbid("acme");

  const auto vendor = station::Key::load_or_make(scratch / "vendor");
  permit::sign(plugin.path, vendor);
  permit::trust(station, "acme", scratch / "vendor/station.pub");
  CHECK(Permits({station}).of(plugin));
  chmod((station + "/vendors").c_str(), 0777);
  CHECK_FALSE(Permits({station}).of(plugin));
}
