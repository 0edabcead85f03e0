// The parts of the plugin `storage` that need no disk.
#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "../support/command.hpp"
#include "failed_places.hpp"
#include "held_bytes.hpp"
#include "histogram.hpp"
#include "scan_order.hpp"
#include "surface_map.hpp"

using namespace storage;

TEST_CASE("a scan reads each stretch once, and its first half is spread over the whole disk") {
  for (const uint64_t count : {uint64_t{1}, uint64_t{2}, uint64_t{3}, uint64_t{7}, uint64_t{64}, uint64_t{1000}}) {
    const uint64_t bytes = count * 100 - 30;
    const ScanOrder order(bytes, 100);
    REQUIRE(order.count() == count);
    std::set<uint64_t> begins;
    uint64_t sum = 0, in_first_half = 0;
    for (uint64_t step = 0; step < count; ++step) {
      begins.insert(order.begin(step));
      sum += order.end(step) - order.begin(step);
      if (step < count / 2) in_first_half += order.begin(step) < bytes / 2 ? 1 : 0;
    }
    CHECK(begins.size() == count);
    CHECK(sum == bytes);
    if (count >= 64) CHECK(static_cast<double>(in_first_half) == Approx(static_cast<double>(count) / 4).epsilon(0.1));
  }
  CHECK(ScanOrder(uint64_t{20} << 40).count() == 81920);
}

TEST_CASE("the map of a surface shows the worst of each cell, in as many cells whatever the size of the disk") {
  constexpr uint64_t mib = 1 << 20;
  SurfaceMap map(10 * mib);
  map.add(0, mib, 0.001);
  map.add(mib, mib, 0.02);
  map.add(mib, mib, 0.001);
  map.add(2 * mib, mib, 5);
  map.add_unreadable(3 * mib, mib);
  const auto json = nlohmann::json::parse(map.json());
  CHECK(json["cells"] == "0267------");
  CHECK(json["counts"] == nlohmann::json{2, 0, 1, 0, 0, 0, 1, 1});
  SurfaceMap large(uint64_t{20} << 40);
  large.add((uint64_t{20} << 40) - mib, mib, 0.001);
  const std::string cells = nlohmann::json::parse(large.json())["cells"];
  CHECK(cells.size() == SurfaceMap::most_cells);
  CHECK(cells.back() == '0');
}

TEST_CASE("slow blocks that lie side by side are one region") {
  std::vector<SlowRegion> regions;
  CHECK(join(regions, 100, 10, 1, 2));
  CHECK(join(regions, 110, 10, 3, 2));
  CHECK(join(regions, 90, 10, 2, 2));
  REQUIRE(regions.size() == 1);
  CHECK(regions[0].first == 90);
  CHECK(regions[0].end == 120);
  CHECK(regions[0].longest == 3);
  CHECK(join(regions, 500, 10, 1, 2));
  CHECK_FALSE(join(regions, 900, 10, 1, 2));
}

TEST_CASE("percentiles of the histogram are within 2.2 percent") {
  Histogram histogram;
  for (int i = 1; i <= 10000; ++i) histogram.add(i * 1e-6);
  for (const double part : {0.5, 0.99, 0.999, 0.9999})
    CHECK(histogram.percentile(part) == Approx(part * 10000e-6).epsilon(0.022));
  CHECK(histogram.greatest() == Approx(0.01));
  CHECK(Histogram().percentile(0.5) == 0);
}

TEST_CASE("each failed place is looked at again there, five times, and speaks for itself") {
  // By place: how many of the five looks fail.
  const std::map<uint64_t, int> fails{{0, 5}, {4096, 0}, {8192, 2}};
  FailedPlaces places;
  for (const auto& [offset, count] : fails) places.add({offset, 4096, EIO});
  places.add({4096, 4096, EIO});  // met once more: still one place
  std::map<uint64_t, int> looks;
  places.look_again([&](const FailedPlace& place) { return looks[place.offset]++ < fails.at(place.offset) ? EIO : 0; });
  for (const auto& [offset, count] : fails) CHECK(looks[offset] == 5);
  REQUIRE(places.standing().size() == 2);
  CHECK(places.standing()[0].offset == 0);  // the worst speaks first
  CHECK(places.standing()[0].again.seen == 5);
  CHECK(places.standing()[1].offset == 8192);
  CHECK(places.standing()[1].again.seen == 2);
  REQUIRE(places.passed().size() == 1);
  CHECK(places.passed()[0].offset == 4096);
  CHECK(places.others() == 0);
  CHECK(words_for(places.standing()[1].again, "Read") == " Read again there, it failed 2 of 5 times.");
}

TEST_CASE("not more than eight failed places are looked at again, however many there are") {
  const struct {
    const char* what;
    int error;   // of each look
    bool twice;  // failed twice before
    size_t standing, passed;
  } table[] = {
      {"all stay", EIO, false, 1024, 0},
      {"all were good again: the rest most likely, too", 0, false, 0, 8},
      {"all were good again, but the rest had failed twice", 0, true, 1016, 8},
  };
  for (const auto& row : table) {
    INFO(row.what);
    FailedPlaces places;
    for (uint64_t i = 0; i < 2000; ++i) places.add({i * 4096, 4096, EIO, row.twice});
    size_t looks = 0;
    places.look_again([&](const FailedPlace&) { return ++looks, row.error; });
    CHECK(looks == 8 * 5);
    CHECK(places.count() == 2000);
    CHECK(places.standing().size() == row.standing);
    CHECK(places.passed().size() == row.passed);
    CHECK(places.others() == 2000 - row.standing - row.passed);
  }
}

TEST_CASE("a place that could not be looked at again stands as it failed") {
  FailedPlaces places;
  places.add({0, 4096, EIO});
  places.look_again([](const FailedPlace&) { return std::optional<int>(); });
  REQUIRE(places.standing().size() == 1);
  CHECK(places.standing()[0].again.repeats == 0);
  CHECK(words_for(places.standing()[0].again, "Read").empty());
}

TEST_CASE("what holds less than at the start says what it held and holds, and is no verdict") {
  const assay::test::Scratch scratch;
  const std::string path = scratch / "disk";
  assay::test::write_file(path, std::string(8 << 20, 'x'));
  const int file = open(path.c_str(), O_RDWR | O_CLOEXEC);
  REQUIRE(file >= 0);
  const HeldBytes held(file), known_before(file, 10 << 20);
  CHECK(held.at_start() == 8 << 20);
  CHECK_NOTHROW(held.must_not_shrink());
  CHECK_THROWS_WITH(known_before.must_not_shrink(), Catch::Contains("held 10 MiB, now 8 MiB"));
  REQUIRE(ftruncate(file, 3 << 20) == 0);
  CHECK_THROWS_WITH(held.must_not_shrink(), Catch::Contains("held 8 MiB, now 3 MiB"));
  REQUIRE(ftruncate(file, 9 << 20) == 0);
  CHECK_NOTHROW(held.must_not_shrink());
  CHECK_THAT(held.growth(), Catch::Contains("held 8 MiB, now 9 MiB"));
  CHECK(known_before.growth().empty());
  REQUIRE(ftruncate(file, 0) == 0);
  CHECK_THROWS_WITH(held.must_not_shrink(), Catch::Contains("gone away"));
  close(file);
}
