#include "sector_tag.hpp"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "random.hpp"

namespace storage {
namespace {

using Sector = std::array<uint64_t, sector_bytes / 8>;
constexpr uint64_t mark = 0x7473657479617373;
constexpr size_t last = sector_bytes / 8 - 1;
/// More changed bits than these are no flips: two unrelated sectors differ in half of their 4096.
constexpr unsigned most_flips = 256;

uint64_t sum_of(const Sector& sector) {
  uint64_t sum = mark;
  for (size_t i = 0; i < last; ++i) sum = std::rotl(sum, 9) ^ (sector[i] * 0x9E3779B97F4A7C15u);
  return sum;
}

Sector sector_for(const Tag& tag) {
  Sector sector;
  sector[0] = mark, sector[1] = tag.offset, sector[2] = tag.generation, sector[3] = tag.seed, sector[4] = tag.nonce;
  Random random(tag.seed ^ (tag.offset * 0xD1B54A32D192ED03u) ^ (tag.generation << 56));
  for (size_t i = 5; i < last; ++i) sector[i] = random.next();
  sector[last] = sum_of(sector);
  return sector;
}

bool is_blank(const Sector& sector) {
  return std::all_of(sector.begin(), sector.end(), [&](uint64_t word) { return word == sector[0]; }) &&
         (sector[0] == 0 || sector[0] == UINT64_MAX);
}

/// Where `seen` changes from the one to the other, in bytes; 0 where it is no such mixture.
size_t seam(const unsigned char* seen, const Sector& head, const Sector& tail) {
  const auto* first = reinterpret_cast<const unsigned char*>(head.data());
  const auto* second = reinterpret_cast<const unsigned char*>(tail.data());
  const auto same = static_cast<size_t>(std::mismatch(seen, seen + sector_bytes, first).first - seen);
  return same > 0 && std::memcmp(seen + same, second + same, sector_bytes - same) == 0 ? same : 0;
}

}  // namespace

uint64_t new_nonce() {
  uint64_t number = 0;
  while (getrandom(&number, sizeof number, 0) != sizeof number) {
  }
  return number;
}

void fill(unsigned char* bytes, size_t count, Tag tag) {
  for (size_t done = 0; done < count; done += sector_bytes, tag.offset += sector_bytes) {
    const Sector sector = sector_for(tag);
    std::memcpy(bytes + done, sector.data(), sector_bytes);
  }
}

SectorVerdict judge(const unsigned char* sector, const Tag& expected) {
  const Sector right = sector_for(expected);
  if (std::memcmp(sector, right.data(), sector_bytes) == 0) return {};
  Sector seen;
  std::memcpy(seen.data(), sector, sector_bytes);
  if (is_blank(seen)) return {Fault::lost};
  if (seen[0] == mark && seen[last] == sum_of(seen)) {
    const bool ours = seen[3] == expected.seed && seen[4] == expected.nonce;
    if (ours && seen[1] != expected.offset) return {Fault::misdirected, seen[1]};
    return {Fault::lost};
  }
  Tag before = expected;
  const Sector nothing{};
  const Sector old = before.generation > 1 ? (--before.generation, sector_for(before)) : nothing;
  for (const Sector* other : {&old, &nothing})
    for (const size_t at : {seam(sector, right, *other), seam(sector, *other, right)})
      if (at > 0) return {Fault::torn, 0, 0, static_cast<unsigned>(at)};
  unsigned bits = 0, first = sector_bytes;
  const auto* wanted = reinterpret_cast<const unsigned char*>(right.data());
  for (unsigned i = 0; i < sector_bytes; ++i) {
    const auto wrong = static_cast<unsigned char>(sector[i] ^ wanted[i]);
    if (wrong == 0) continue;
    first = std::min(first, i);
    bits += static_cast<unsigned>(std::popcount(wrong));
  }
  if (bits <= most_flips) return {Fault::flipped, 0, bits, first};
  return {Fault::garbage};
}

}  // namespace storage
