// What a test needs: declared by kind, told in words, and held to what the station allows.
#include <catch2/catch.hpp>
#include <set>

#include "catalog/catalog.hpp"
#include "catalog/needs.hpp"
#include "core/errors.hpp"
#include "manifest/check.hpp"

using namespace assay;
using Catch::Contains;

namespace {

std::string manifest_with(const std::string& needs) {
  return R"({"manifest": 1, "id": "acme", "vendor": "Acme", "version": "1.0.0", "licence": "Apache-2.0", "abi": "1.0",
    "title": {"en": "Acme"}, "tests": [{"id": "acme.test", "title": {"en": "T"}, "description": {"en": "D"},
    "subsystem": "other", "binds": "machine", "effect": "observe", "seconds": 1, "needs": )" +
         needs + R"(, "parameters": [], "measurements": [], "injections": []}]})";
}

std::vector<std::string> keys_of(const std::string& needs) {
  std::vector<std::string> keys;
  for (const auto& need : catalog::privileged(catalog::parse_manifest(manifest_with(needs)).tests[0].needs))
    keys.push_back(need.key);
  return keys;
}

std::string fault_of(const std::string& needs) {
  std::string text;
  for (const auto& fault : manifest::check_manifest(manifest_with(needs)))
    text += fault.where + ": " + fault.what + "\n";
  return text;
}

}  // namespace

TEST_CASE("what goes beyond an ordinary process is told apart from what does not") {
  using List = std::vector<std::string>;
  const std::pair<const char*, List> table[] = {
      {"{}", {}},
      {R"({"memory": "most", "processes": true, "kept": true, "ring": true, "tools": ["lspci"]})", {}},
      {R"({"network": "loopback"})", {}},
      {R"({"network": "none", "root": false, "physical-addresses": false})", {}},
      {R"({"root": true})", {"root"}},
      {R"({"network": "link"})", {"network link"}},
      {R"({"physical-addresses": true})", {"physical-addresses"}},
      {R"({"capabilities": ["CAP_SYS_RAWIO", "CAP_NET_RAW"]})", {"capability CAP_SYS_RAWIO", "capability CAP_NET_RAW"}},
      {R"({"devices": ["usb", "target-node"]})", {"devices usb", "devices target-node"}},
  };
  for (const auto& [needs, keys] : table) {
    INFO(needs);
    CHECK(keys_of(needs) == keys);
    // Without an allowance only what needs none may run; with one, all.
    catalog::Plugin plugin;
    const auto tests = catalog::parse_manifest(manifest_with(needs)).tests;
    CHECK(catalog::is_allowed(plugin, tests[0]) == keys.empty());
    plugin.allowance = {catalog::Allowance::By::word, "2026-11-25"};
    CHECK(catalog::is_allowed(plugin, tests[0]));
  }
}

TEST_CASE("each need is told in words, and none in the words of another") {
  const auto all = catalog::parse_manifest(manifest_with(
      R"({"root": true, "memory": "most", "processes": true, "kept": true, "ring": true, "physical-addresses": true,
          "network": "link", "tools": ["smartctl"], "devices": ["usb", "sound", "target-node"],
          "capabilities": ["CAP_SYS_RAWIO", "CAP_SYS_ADMIN", "CAP_NET_RAW", "CAP_NET_ADMIN", "CAP_PERFMON", "CAP_SYS_NICE"]})"));
  const auto words = catalog::words(all.tests[0].needs);
  CHECK(std::set<std::string>(words.begin(), words.end()).size() == 6 + 3 + 3 + 4);
  for (const std::string& line : words) CHECK(line.find("has more rights") == std::string::npos);
}

TEST_CASE("a device is a kind; a path is refused with the kind that it meant") {
  const std::pair<const char*, const char*> table[] = {
      {"/dev/bus/usb/*/*", "write \"usb\""},
      {"/dev/snd/*", "write \"sound\""},
      {"/dev/video0", "write \"video\""},
      {"/dev/dri/card0", "write \"graphics\""},
      {"/dev/hidraw*", "write \"hidraw\""},
      {"/dev/ttyS0", "write \"serial\""},
      {"/dev/tpm0", "write \"tpm\""},
      {"/dev/sg*", "write \"scsi-generic\""},
      {"/dev/nvme0", "write \"target-node\""},
      {"/dev/../etc/shadow", "must be one of: usb, sound"},
      {"everything", "must be one of: usb, sound"},
  };
  for (const auto& [given, said] : table) {
    INFO(given);
    CHECK_THAT(fault_of(std::string(R"({"devices": [")") + given + "\"]}"),
               Contains("/tests/0/needs/devices/0") && Contains(said));
  }
  CHECK_THAT(fault_of(R"({"capabilities": ["CAP_SYS_MODULE"]})"), Contains("must be one of: CAP_SYS_RAWIO"));
  CHECK(fault_of(R"({"devices": ["usb", "msr"]})").empty());
}
