// What a test needs to run, as its manifest declares it, and who lets it have what goes beyond an ordinary process.
#pragma once

#include <string>
#include <vector>

namespace assay::catalog {

enum class Network { none, loopback, link };

struct Needs {
  bool root = false, most_memory = false, processes = false, kept = false, ring = false, physical_addresses = false;
  Network network = Network::none;
  std::vector<std::string> capabilities;  // by Linux's name
  std::vector<std::string> devices;       // kinds of nodes, as the manifest's schema lists them
  std::vector<std::string> tools;         // programs that it runs
};

/// A need beyond what an ordinary process of an ordinary user has. `key` is stable, for records ("root",
/// "capability CAP_SYS_RAWIO", "devices usb", "physical-addresses", "network link"); `words` end "This test ...".
struct PrivilegedNeed {
  std::string key, words;
};
std::vector<PrivilegedNeed> privileged(const Needs& needs);

/// All that it needs, privileged or not, in plain English words that end "This test ...".
std::vector<std::string> words(const Needs& needs);

/// Who lets a plugin have its privileged needs. Nobody, until the station says so.
struct Allowance {
  enum class By { nobody, own, vendor, word };
  By by = By::nobody;
  std::string who;  // vendor: the key's name; word: the date that it was given on
  explicit operator bool() const { return by != By::nobody; }
};

/// "ours, by its hash", "signed by the vendor key acme", "your word of 2026-11-25", "not allowed".
std::string words(const Allowance& allowance);

}  // namespace assay::catalog
