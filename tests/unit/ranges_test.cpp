#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "core/ranges.hpp"

using assay::core::Ranges;

TEST_CASE("ranges hold just the numbers that were added, in whatever order") {
  std::mt19937 random(3);
  for (int round = 0; round < 50; ++round) {
    Ranges ranges;
    std::set<uint64_t> numbers;
    for (int i = 0; i < 20; ++i) {
      const uint64_t first = random() % 200, end = first + random() % 20;
      ranges.add(first, end);
      for (uint64_t n = first; n < end; ++n) numbers.insert(n);
    }
    CHECK(ranges.count() == numbers.size());
    for (uint64_t n = 0; n < 230; ++n) CHECK(ranges.contains(n, n + 1) == (numbers.count(n) > 0));
    Ranges again;
    again.add_text(ranges.to_text());
    CHECK(again.to_text() == ranges.to_text());
  }
}

TEST_CASE("a range is contained only as a whole") {
  Ranges ranges;
  ranges.add(10, 20);
  ranges.add(20, 30);
  ranges.add(40, 50);
  CHECK(ranges.contains(10, 30));
  CHECK_FALSE(ranges.contains(10, 31));
  CHECK_FALSE(ranges.contains(29, 41));
  CHECK(ranges.contains(5, 5));
}

TEST_CASE("text that is no range is passed over") {
  Ranges ranges;
  ranges.add_text("10-20\nnonsense\n-\n30\n-40\n50-\n20-10\n30-38x\nffffffffffffffffff-1\n40-50");
  CHECK(ranges.to_text() == "10-20\n40-50\n");
}

TEST_CASE("what does not fit counts as not there") {
  Ranges ranges;
  for (uint64_t i = 0; i <= Ranges::most; ++i) ranges.add(4 * i, 4 * i + 1);
  CHECK(ranges.count() == Ranges::most);
  CHECK_FALSE(ranges.contains(4 * Ranges::most, 4 * Ranges::most + 1));
  ranges.add(0, 3);  // what joins others still finds room
  CHECK(ranges.contains(0, 3));
}
