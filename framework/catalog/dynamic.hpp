// What a shared object asks the dynamic linker for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "elf_file.hpp"

namespace assay::catalog {

struct Dynamic {
  std::vector<std::string> needed;
  std::optional<std::string> rpath, runpath;  // as they stand in the file
  bool filters = false;                       // has others loaded in its place (DT_FILTER, DT_AUXILIARY)
};

/// Throws core::BadInput where the dynamic section is damaged, or larger than any honest one. A file without one needs
/// nothing.
Dynamic read_dynamic(const ElfFile& file);

}  // namespace assay::catalog
