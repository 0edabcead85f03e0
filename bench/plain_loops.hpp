// The best plain loops that read every byte of a buffer and write it anew: the limit that the march kernels are held
// against.
#pragma once

#include <cstddef>
#include <cstdint>

namespace assay::bench {

struct PlainLoop {
  const char* name;
  bool (*supported)();
  /// Reads and writes `bytes`, a multiple of 64, aligned to 64; gives what was read, so that nothing is left out.
  uint64_t (*read_and_write)(void* buffer, size_t bytes);
};
constexpr size_t plain_loop_count = 3;
extern const PlainLoop plain_loops[plain_loop_count];

}  // namespace assay::bench
