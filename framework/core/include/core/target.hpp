// The piece of hardware that a test binds to.
#pragma once

#include <map>
#include <string>

namespace assay::core {

/// `id` is stable within a machine ("core:3", "disk:nvme0n1"); `kind` is one of the manifest's `binds`. Attributes are
/// what a plugin needs to reach it ("path", "os_index") and what a report names it by ("serial").
struct Target {
  std::string id;
  std::string kind;
  std::string title;
  std::map<std::string, std::string> attributes;
  /// Not hardware: a made-up healthy device that a test is proven on where the machine has none.
  bool stand_in = false;

  std::string attribute(const std::string& key) const {
    const auto found = attributes.find(key);
    return found == attributes.end() ? std::string() : found->second;
  }
};

/// A text in several languages, by tag ("en", "zh-Hans"). English is always there.
using LocalText = std::map<std::string, std::string>;

/// The text in `language`, else in English, else empty.
std::string in_language(const LocalText& text, const std::string& language);

}  // namespace assay::core
