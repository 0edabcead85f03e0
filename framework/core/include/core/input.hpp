// Files that a person names: read whole or refused, never waited for.
#pragma once

#include <cstddef>
#include <string>

namespace assay::core {

/// The bytes of a regular file of at most `most` bytes. Throws BadInput "PATH: REASON" for everything else: what is not
/// there, a folder, a pipe, a device, what is larger. Never waits for a pipe's other end.
std::string read_input(const std::string& path, size_t most);

/// What went wrong with a write, from errno; a limit on the size of files and a full disk in words that help.
std::string write_failure(int error);

}  // namespace assay::core
