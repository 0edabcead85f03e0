// All plugins that are there, as read from their files. No plugin code runs here.
#pragma once

#include <string>
#include <vector>

#include "catalog/manifest.hpp"

namespace assay::catalog {

struct Plugin {
  std::string path;
  Manifest manifest;
};

/// A file in a plugin folder that is not used, and why.
struct Refusal {
  std::string path;
  std::string reason;
};

class Catalog {
 public:
  /// Reads every *.so in the folders, in order of name. A folder that is not there is core::BadInput; a file that
  /// cannot be used becomes a Refusal, as does the second plugin with an id that is taken.
  static Catalog load(const std::vector<std::string>& folders);

  /// Reads one file. Throws core::BadInput with the reason why it cannot be used.
  static Plugin read(const std::string& path);

  const std::vector<Plugin>& plugins() const { return plugins_; }
  const std::vector<Refusal>& refusals() const { return refusals_; }

  struct Found {
    const Plugin* plugin = nullptr;
    const Test* test = nullptr;
    explicit operator bool() const { return test != nullptr; }
  };
  Found find(const std::string& test_id) const;

 private:
  std::vector<Plugin> plugins_;
  std::vector<Refusal> refusals_;
};

}  // namespace assay::catalog
