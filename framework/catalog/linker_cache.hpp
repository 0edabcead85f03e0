// The dynamic linker's cache, /etc/ld.so.cache: where libraries lie that no path of an object names.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace assay::catalog {

/// Paths by a library's name, in the cache's order, of 64-bit x86 libraries. Empty where the file is not there or not
/// in the form that glibc has written since 2.2 (elf/ldconfig): the default folders are left then.
std::map<std::string, std::vector<std::string>> read_linker_cache(const std::string& file = "/etc/ld.so.cache");

}  // namespace assay::catalog
