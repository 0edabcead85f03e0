// Every way in which a sector can be wrong is told by its name.
#include "sector_tag.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <cstring>

#include "fault_log.hpp"
#include "shuffle.hpp"

using namespace storage;

namespace {

using Sector = std::array<unsigned char, sector_bytes>;

Sector sector(uint64_t offset, uint64_t generation, uint64_t seed = 7, uint64_t nonce = 9) {
  Sector bytes;
  fill(bytes.data(), bytes.size(), {offset, generation, seed, nonce});
  return bytes;
}

constexpr Tag expected{4096, 2, 7, 9};

}  // namespace

TEST_CASE("a sector that is as written is right") {
  CHECK(judge(sector(4096, 2).data(), expected).fault == Fault::none);
}

TEST_CASE("a wrong sector tells how it came to be wrong") {
  const Sector right = sector(4096, 2), old = sector(4096, 1), other = sector(8192, 2);
  Sector flipped = right, tag_flipped = right, torn = right, torn_head = old, torn_blank{}, garbage = right;
  flipped[300] ^= 0x04;
  tag_flipped[9] ^= 0x01;  // in the offset that it carries: not a sector of elsewhere
  std::memcpy(torn.data() + 200, old.data() + 200, sector_bytes - 200);
  std::memcpy(torn_head.data() + 200, right.data() + 200, sector_bytes - 200);
  std::memcpy(torn_blank.data(), right.data(), 256);
  for (size_t i = 0; i < sector_bytes; ++i) garbage[i] = static_cast<unsigned char>(i * 37 + 11);
  Sector zeros{}, ones;
  ones.fill(0xFF);
  const struct {
    const char* what;
    Sector bytes;
    Fault fault;
  } table[] = {
      {"one bit", flipped, Fault::flipped},
      {"one bit of its tag", tag_flipped, Fault::flipped},
      {"the earlier generation", old, Fault::lost},
      {"zeros", zeros, Fault::lost},
      {"ones", ones, Fault::lost},
      {"an earlier run", sector(4096, 2, 8), Fault::lost},
      {"another run's data for another place", sector(8192, 2, 8), Fault::lost},
      {"the same seed, of another process", sector(4096, 2, 7, 10), Fault::lost},
      {"the same seed for another place, of another process", sector(8192, 2, 7, 10), Fault::lost},
      {"a sector of elsewhere", other, Fault::misdirected},
      {"new, then old", torn, Fault::torn},
      {"old, then new", torn_head, Fault::torn},
      {"new, then nothing", torn_blank, Fault::torn},
      {"something else", garbage, Fault::garbage},
  };
  for (const auto& row : table) {
    INFO(row.what);
    CHECK(judge(row.bytes.data(), expected).fault == row.fault);
  }
  CHECK(judge(flipped.data(), expected).bits == 1);
  CHECK(judge(flipped.data(), expected).first == 300);
  CHECK(judge(other.data(), expected).belongs == 8192);
  CHECK(judge(torn.data(), expected).first == 200);
}

TEST_CASE("neighbours with the same fault are one region, whatever the order they are met in") {
  FaultLog log;
  for (const uint64_t offset : {1024u, 512u, 2048u, 1536u, 8192u}) log.add(offset, {Fault::lost});
  log.add(2560, {Fault::flipped, 0, 1, 3});
  const auto regions = log.regions();
  REQUIRE(regions.size() == 3);
  CHECK(regions[0].first == 512);
  CHECK(regions[0].end == 2560);
  CHECK(regions[1].fault == Fault::flipped);
  CHECK(regions[2].first == 8192);
  CHECK(log.count(Fault::lost) == 5);
  CHECK(log.count() == 6);
}

TEST_CASE("beyond so many regions wrong sectors are counted and not kept") {
  FaultLog log;
  for (uint64_t i = 0; i < 100000; ++i) log.add(i * 4096, {Fault::lost});
  CHECK(log.count() == 100000);
  CHECK(log.regions().size() <= 64);
}

TEST_CASE("addresses wrap when all belong a multiple away and are there, too") {
  const auto there = [](uint64_t) { return true; };
  const auto missing = [](uint64_t) { return false; };
  FaultLog log;
  CHECK_FALSE(log.wraps_at(512, there));
  log.add(0, {Fault::misdirected, 3 << 20});
  log.add(512, {Fault::misdirected, (2 << 20) + 512});
  CHECK(log.wraps_at(512, there) == uint64_t{1} << 20);
  CHECK_FALSE(log.wraps_at(512, missing));
  CHECK_FALSE(log.wraps_at(2 << 20, there));
}

TEST_CASE("a shuffle meets every number once") {
  for (const uint64_t count : {1u, 2u, 3u, 7u, 64u, 1000u, 4096u}) {
    const Shuffle order(count, 42);
    std::vector<bool> met(count);
    for (uint64_t i = 0; i < count; ++i) met[order[i]] = true;
    CHECK(std::count(met.begin(), met.end(), true) == static_cast<std::ptrdiff_t>(count));
  }
}
