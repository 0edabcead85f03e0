// The parts of the plugin `storage` that need no disk.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <set>

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
