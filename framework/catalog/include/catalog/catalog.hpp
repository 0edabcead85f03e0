// All plugins that are there, as read from their files. No plugin code runs here.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "catalog/manifest.hpp"

namespace assay::catalog {

/// A library that is loaded with a plugin and is none of the system's own.
struct Dependency {
  std::string path;  // real
  std::string sha256;
  std::string found = {};  // as the linker comes to it, where that is another name
};

struct Plugin {
  std::string path;
  Manifest manifest;
  std::string sha256;
  std::vector<Dependency> dependencies;
  Allowance allowance;  // of its privileged needs; read() knows our own plugins, the station knows the others

  bool is_own() const { return allowance.by == Allowance::By::own; }
};

/// True when nothing that the test needs is withheld from it.
bool is_allowed(const Plugin& plugin, const Test& test);

/// A file in a plugin folder that is not used, and why.
struct Refusal {
  std::string path;
  std::string reason;
};

class Catalog {
 public:
  /// Reads every *.so in the folders, in order of name. A folder that is not there is core::BadInput; a file that
  /// cannot be used becomes a Refusal. Of several versions of one plugin the newest is used, and the others are
  /// refusals that say so; of two files with one version the first.
  static Catalog load(const std::vector<std::string>& folders);

  /// Reads one file. Throws core::BadInput with the reason why it cannot be used: what read_manifest_note() says, a
  /// manifest that is none, a newer ABI, the id of one of our own plugins on another file, a file or a library that
  /// root must not run.
  static Plugin read(const std::string& path);

  /// Asks for each plugin that is not ours what the station allows.
  void allow(const std::function<Allowance(const Plugin&)>& by);

  const std::vector<Plugin>& plugins() const { return plugins_; }
  const std::vector<Refusal>& refusals() const { return refusals_; }

  struct Found {
    const Plugin* plugin = nullptr;
    const Test* test = nullptr;
    explicit operator bool() const { return test != nullptr; }
  };
  Found find(const std::string& test_id) const;

 private:
  void add(Plugin plugin);

  std::vector<Plugin> plugins_;
  std::vector<Refusal> refusals_;
};

}  // namespace assay::catalog
