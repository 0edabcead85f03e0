// The made-up healthy disk on which the tests are proven.
#pragma once

#include <cstdint>

namespace storage {

constexpr uint64_t stand_in_bytes = uint64_t{8} << 20;

/// A file of zeros in the artifact folder, opened with `access` (O_RDONLY or O_RDWR), past the page cache where that
/// can be. The caller closes it. Throws std::runtime_error.
int open_stand_in(int access);

}  // namespace storage
