// What a plugin is made of beside its own file: the libraries that the dynamic linker loads for it.
#pragma once

#include <string>
#include <vector>

namespace assay::catalog {

/// All libraries that loading `plugin` (an absolute path) brings in, found as ld.so(8) does, without LD_LIBRARY_PATH:
/// DT_RPATH or DT_RUNPATH, the linker's cache, the system's folders. Real paths, each once, the plugin's own not among
/// them. No code runs. Throws core::BadInput with the library's name: missing, not trusted (catalog/trust.hpp), or
/// looked for in a folder that somebody else can write to, or that is relative or empty.
struct Library {
  std::string path;   // real
  std::string found;  // as the linker comes to it: the name can be a link
};
std::vector<Library> dependencies_of(const std::string& plugin);

/// Of the system's own folders (/lib, /usr/lib): as trusted as the C library itself.
bool is_systems_own(const std::string& real_path);

}  // namespace assay::catalog
