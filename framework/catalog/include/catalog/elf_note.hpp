// Reads a plugin's manifest out of its ELF note, without running any of its code.
#pragma once

#include <string>

namespace assay::catalog {

/// The text of the note (owner "assay", type 1) of an ELF64 x86-64 shared object. Every offset and size in the file is
/// checked against the file's size before use; a manifest may have at most 1 MiB. Throws core::BadInput with the
/// reason: not a regular file, not ELF, 32-bit, another machine, damaged, without a note.
std::string read_manifest_note(const std::string& path);

}  // namespace assay::catalog
