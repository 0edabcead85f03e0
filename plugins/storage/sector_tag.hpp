// A pattern in which every sector says where it belongs, which writing it is of, and whose: so that a wrong sector
// tells how it came to be wrong.
#pragma once

#include <cstddef>
#include <cstdint>

namespace storage {

/// The smallest unit that a disk writes at once; each carries its own tag.
constexpr size_t sector_bytes = 512;

struct Tag {
  uint64_t offset = 0;      // bytes from the start of the file or device
  uint64_t generation = 0;  // 1 for the first writing of a place, 2 for the next...
  uint64_t seed = 0;        // of the trial: the pattern comes from it
  uint64_t nonce = 0;  // of this very process: what an earlier one with the same seed left is not taken for its own
};

/// A number that no other process has.
uint64_t new_nonce();

/// Fills `bytes` (whole sectors) with the pattern for what begins at `tag.offset`.
void fill(unsigned char* bytes, size_t count, Tag tag);

enum class Fault {
  none,
  flipped,      // the sector that belongs here, with some bits changed
  lost,         // what was there before: an earlier generation, an earlier run's data, or nothing at all
  misdirected,  // a sector that belongs elsewhere
  torn,         // one part of the new sector, one part of what was there before
  garbage,      // none of these
};

struct SectorVerdict {
  Fault fault = Fault::none;
  uint64_t belongs = 0;  // misdirected: the offset that it belongs to
  unsigned bits = 0;     // flipped: how many
  unsigned first = 0;    // flipped: the first wrong byte within the sector; torn: where it changes
};

/// Judges one sector against what was written there last.
SectorVerdict judge(const unsigned char* sector, const Tag& expected);

}  // namespace storage
