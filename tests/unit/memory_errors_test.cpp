// What is gathered about errors, frames, and the memory controller's own counters.
#include <sys/mman.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "../support/command.hpp"
#include "corrected_errors.hpp"
#include "error_log.hpp"
#include "frames.hpp"
#include "modules.hpp"
#include "pool.hpp"

using namespace memory;

namespace {

uint64_t* word_at(uint64_t address) { return reinterpret_cast<uint64_t*>(address); }

ErrorLog log_of(uint64_t expected, uint64_t actual) {
  ErrorLog log;
  log.add({word_at(0x1000), expected, actual, 0});
  return log;
}

}  // namespace

TEST_CASE("gigabytes of bad memory stay a small log") {
  ErrorLog log;
  for (uint64_t i = 0; i < 8'000'000; ++i) log.add({word_at(0x10000 + i * 8), ~uint64_t{0}, 0, 0});
  CHECK(log.count() == 8'000'000);
  CHECK(log.pages().size() == ErrorLog::most_pages);
  CHECK_FALSE(log.all_pages_kept());
  CHECK(log.first().word == word_at(0x10000));
}

TEST_CASE("logs of several workers add up, and the first error stays the first") {
  ErrorLog all;
  ErrorLog one = log_of(1, 0), two = log_of(0, 2);
  two.add({word_at(0x9000), 0, 4, 3});
  all.add(ErrorLog());
  all.add(one);
  all.add(two);
  CHECK(all.count() == 3);
  CHECK(all.first().expected == 1);
  CHECK(all.lost_ones() == 1);
  CHECK(all.lost_zeros() == 6);
  CHECK(all.pages().size() == 2);
  CHECK(all.pages().at(0x1000).count == 2);
  all.speak_of(0x9000);
  CHECK(all.first().word == word_at(0x9000));
  all.speak_of(0x5000);  // it has no such page
  CHECK(all.first().word == word_at(0x9000));
}

TEST_CASE("a failure came again where the very frame failed, not where another one did") {
  const auto log_in = [](std::initializer_list<uint64_t> pages) {
    ErrorLog log;
    for (const uint64_t page : pages) log.add({word_at(page + 8), 1, 0, 0});
    return log;
  };
  const struct {
    const char* what;
    ErrorLog failed;
    std::vector<ErrorLog> again;
    uint64_t page;
    int seen;
  } table[] = {
      {"one that stays", log_in({0x1000}), {log_in({0x1000}), log_in({0x1000})}, 0x1000, 2},
      {"one that does not", log_in({0x1000}), {log_in({}), log_in({})}, 0x1000, 0},
      {"another frame's failure is not this one's", log_in({0x1000}), {log_in({0x2000}), log_in({0x3000})}, 0x1000, 0},
      {"two by turns: each comes and goes", log_in({0x1000, 0x2000}), {log_in({0x1000}), log_in({0x2000})}, 0x1000, 1},
      {"the worst one speaks", log_in({0x1000, 0x2000}), {log_in({0x2000}), log_in({0x1000, 0x2000})}, 0x2000, 2},
  };
  for (const auto& row : table) {
    INFO(row.what);
    FramesAgain frames;
    for (const ErrorLog& again : row.again) frames.add(row.failed, again);
    CHECK(frames.worst().repeats == 2);
    CHECK(frames.worst().page == row.page);
    CHECK(frames.worst().seen == row.seen);
  }
  CHECK(FramesAgain().worst().repeats == 0);
}

TEST_CASE("how errors behave is said in words") {
  using Catch::Contains;
  CHECK_THAT(signature(log_of(1, 0), 5, 5), Contains("stay at 0"));
  CHECK_THAT(signature(log_of(0, 1), 5, 5), Contains("stay at 1"));
  CHECK_THAT(signature(log_of(1, 0), 5, 0), Contains("not seen again"));
  CHECK_THAT(signature(log_of(1, 0), 5, 2), Contains("comes and goes"));
  ErrorLog both = log_of(1, 0);
  both.add(log_of(0, 1));
  CHECK_THAT(signature(both, 5, 5), Contains("coupling"));
  ErrorLog two = log_of(1, 0);
  two.add(log_of(0, 2));
  CHECK_THAT(signature(two, 5, 5), Contains("Some bits stay at 0, others at 1"));
}

TEST_CASE("pages to be left out are joined into ranges") {
  CHECK(memmap_parameter({}, 8) == "");
  CHECK(memmap_parameter({0x1000}, 8) == "memmap=4K$0x1000");
  CHECK(memmap_parameter({0x5000, 0x1000, 0x2000, 0x1000}, 8) == "memmap=8K$0x1000,4K$0x5000");
  CHECK(memmap_parameter({0x1000, 0x3000, 0x5000}, 2) == "memmap=4K$0x1000,4K$0x3000");
}

TEST_CASE("the controller's counters are read, and only what grew is told") {
  const assay::test::Scratch scratch;
  const auto set = [&](const std::string& controller, const char* corrected, const char* uncorrected) {
    const std::string folder = scratch / ("sys/devices/system/edac/mc/" + controller);
    std::filesystem::create_directories(folder);
    assay::test::write_file(folder + "/ce_count", corrected);
    assay::test::write_file(folder + "/ue_count", uncorrected);
  };
  CHECK(read_corrected_errors(scratch / "nowhere").controllers.empty());
  set("mc0", "5\n", "0\n");
  set("mc1", "0\n", "0\n");
  const auto before = read_corrected_errors(scratch.path());
  REQUIRE(before.controllers.size() == 2);
  CHECK(before.controllers[0].corrected == 5);
  bool uncorrected = true;
  CHECK(growth(before, before, uncorrected) == "");
  CHECK_FALSE(uncorrected);
  set("mc0", "8\n", "0\n");
  CHECK(growth(before, read_corrected_errors(scratch.path()), uncorrected) == "mc0: 3 corrected, 0 uncorrected");
  CHECK_FALSE(uncorrected);
  set("mc1", "0\n", "2\n");
  CHECK(growth(before, read_corrected_errors(scratch.path()), uncorrected) ==
        "mc0: 3 corrected, 0 uncorrected; mc1: 0 corrected, 2 uncorrected");
  CHECK(uncorrected);
  set("mc0", "1\n", "0\n");  // was reset meanwhile
  CHECK_THAT(growth(before, read_corrected_errors(scratch.path()), uncorrected), Catch::Contains("mc0: 1 corrected"));
  const auto module = std::filesystem::path(scratch.path()) / "sys/devices/system/edac/mc/mc0/dimm3";
  std::filesystem::create_directories(module);
  std::ofstream(module / "dimm_label") << "CPU0_DIMM_A1\n";
  std::ofstream(module / "dimm_ce_count") << "4\n";
  std::ofstream(module / "dimm_ue_count") << "0\n";
  const CorrectedErrors with_module = read_corrected_errors(scratch.path());
  std::ofstream(module / "dimm_ce_count") << "6\n";
  set("mc0", "3\n", "0\n");
  CHECK(growth(with_module, read_corrected_errors(scratch.path()), uncorrected) ==
        "mc0: 2 corrected, 0 uncorrected, by module mc0 dimm3 CPU0_DIMM_A1: 2 corrected, 0 uncorrected");
}

TEST_CASE("frames are counted once each, however often they are seen") {
  constexpr size_t bytes = 1 << 20;
  void* place = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  REQUIRE(place != MAP_FAILED);
  Frames frames;
  const size_t added = frames.add(place, bytes);
  CHECK(frames.add(place, bytes) == 0);
  CHECK(frames.count() == added);
  if (physical_address(place) == 0) {
    WARN("frames cannot be seen without root");
    CHECK(added == 0);
  } else {
    CHECK(added == bytes / 4096);
    CHECK(physical_address(static_cast<char*>(place) + 5) % 4096 == 5);
  }
  munmap(place, bytes);
}

TEST_CASE("the pool gives pieces until its share is used up, and takes them back") {
  Workers workers;
  Pool pool(workers, 0.002, size_t{4} << 20);
  size_t count = 0;
  while (pool.take(0)) ++count;
  CHECK(count > 0);
  CHECK(pool.taken().size() == count);
  CHECK(pool.most_bytes() == count * pool.piece_bytes());
  const auto available = static_cast<double>(amounts().available + pool.most_bytes());
  CHECK(static_cast<double>(pool.most_bytes()) <= 0.0021 * available);
  pool.give_back();
  CHECK(pool.taken().empty());
  CHECK(pool.take(0));
}

TEST_CASE("what this process may take ends where its control group ends") {
  const assay::test::Scratch scratch;
  const auto set = [&](const char* file, const char* text) {
    const std::filesystem::path path = std::filesystem::path(scratch.path()) / file;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  };
  set("proc/meminfo", "MemTotal: 4096 kB\nMemAvailable: 2048 kB\n");
  CHECK(amounts(scratch.path()).available == 2048u << 10);
  set("proc/self/cgroup", "0::/shop/bench\n");
  set("sys/fs/cgroup/shop/bench/memory.max", "max\n");
  set("sys/fs/cgroup/shop/bench/memory.current", "1000\n");
  CHECK(amounts(scratch.path()).available == 2048u << 10);
  set("sys/fs/cgroup/shop/memory.max", "100000\n");
  set("sys/fs/cgroup/shop/memory.current", "60000\n");
  CHECK(amounts(scratch.path()).available == 40000);
  set("sys/fs/cgroup/shop/bench/memory.max", "900\n");
  CHECK(amounts(scratch.path()).available == 0);
  CHECK(amounts(scratch.path()).total == 900);
  set("sys/fs/cgroup/shop/bench/memory.stat", "anon 5\nactive_file 300\ninactive_file 200\nslab 7\n");
  CHECK(amounts(scratch.path()).available == 400);
  set("proc/self/cgroup", "5:cpu,memory:/old\n0::/\n");
  set("sys/fs/cgroup/memory/old/memory.limit_in_bytes", "70000\n");
  set("sys/fs/cgroup/memory/old/memory.usage_in_bytes", "20000\n");
  CHECK(amounts(scratch.path()).available == 50000);
  set("sys/fs/cgroup/memory/old/memory.soft_limit_in_bytes", "30000\n");  // holds nobody up
  CHECK(amounts(scratch.path()).available == 50000);
}

TEST_CASE("memory.high is a limit like any other: the group's own, and of every group above it") {
  const struct {
    const char* what;
    std::vector<std::pair<const char*, const char*>> files;
    uint64_t available, total;
  } table[] = {
      {"none", {{"bench/memory.high", "max\n"}, {"bench/memory.max", "max\n"}}, 2048 << 10, 4096 << 10},
      {"alone", {{"bench/memory.high", "100000\n"}, {"bench/memory.max", "max\n"}}, 99000, 100000},
      {"without the other file", {{"bench/memory.high", "100000\n"}}, 99000, 100000},
      {"below max", {{"bench/memory.high", "100000\n"}, {"bench/memory.max", "200000\n"}}, 99000, 100000},
      {"above max", {{"bench/memory.high", "300000\n"}, {"bench/memory.max", "200000\n"}}, 199000, 200000},
      {"of the group above", {{"memory.high", "90000\n"}, {"bench/memory.max", "200000\n"}}, 40000, 90000},
      {"used up", {{"bench/memory.high", "500\n"}}, 0, 500},
      {"nothing at all", {{"bench/memory.high", "0\n"}}, 0, 0},
      {"more than there is", {{"bench/memory.high", "999999999999\n"}}, 2048 << 10, 4096 << 10},
  };
  for (const char* mount : {"sys/fs/cgroup/", "sys/fs/cgroup/unified/"})
    for (const auto& row : table) {
      INFO(mount << row.what);
      const assay::test::Scratch scratch;
      const auto set = [&](const std::string& file, const char* text) {
        std::filesystem::create_directories(std::filesystem::path(scratch / file).parent_path());
        assay::test::write_file(scratch / file, text);
      };
      set("proc/meminfo", "MemTotal: 4096 kB\nMemAvailable: 2048 kB\n");
      set("proc/self/cgroup", "0::/shop/bench\n");
      set(mount + std::string("shop/memory.current"), "50000\n");
      set(mount + std::string("shop/bench/memory.current"), "1000\n");
      for (const auto& [file, text] : row.files) set(mount + std::string("shop/") + file, text);
      CHECK(amounts(scratch.path()).available == row.available);
      CHECK(amounts(scratch.path()).total == row.total);
    }
}

TEST_CASE("an address is on a module only where the machine's tables leave no doubt") {
  const std::string two = "0 3fffffff DIMM A1\n40000000 7fffffff DIMM B1\n";
  CHECK(slots_of({0x1000, 0x3fffffff}, two) == "on the module in slot DIMM A1");
  CHECK(slots_of({0x40000000, 0x1000}, two) == "on the modules in slots DIMM A1, DIMM B1");
  CHECK(slots_of({0x1000, 0x80000000}, two).empty());
  CHECK(slots_of({}, two).empty());
  for (const char* nothing : {"", "\n", "zz", "0 10", "0 ffffffffffffffffff A"}) CHECK(slots_of({1}, nothing).empty());
}

TEST_CASE("frames that trials share through a file add up, and a damaged file adds nothing that is not in it") {
  constexpr size_t bytes = 1 << 20;
  char* place = static_cast<char*>(
      mmap(nullptr, 2 * bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0));
  REQUIRE(place != MAP_FAILED);
  const int file = memfd_create("frames", MFD_CLOEXEC);
  Frames first, second;
  const size_t one = first.add(place, bytes), other = second.add(place + bytes, bytes);
  first.merge_with(file);
  second.merge_with(file);
  CHECK(second.count() == one + other);
  CHECK(second.known(place, bytes) == one);
  CHECK(first.known(place + bytes, bytes) == 0);
  Frames third;
  third.add_from(file);
  CHECK(third.count() == one + other);
  CHECK(third.add(place, 2 * bytes) == 0);
  // What is kept beside the memory under test: a bit for each frame.
  CHECK(third.overhead() < amounts().total / 4096 / 8 * 4 + 4096);
  // Made by hand, so that this is tried without root too: frames 1, 3 and 64 to 67.
  std::string by_hand = "frames of now";
  by_hand.resize(64, '\n');
  by_hand += std::string("\x0A\0\0\0\0\0\0\0\x0F\0\0\0\0\0\0\0\x55", 17);  // and a torn word
  REQUIRE(ftruncate(file, 0) == 0);
  REQUIRE(pwrite(file, by_hand.data(), by_hand.size(), 0) == static_cast<ssize_t>(by_hand.size()));
  Frames now, after_restart, again, none;
  now.add_from(file, "now");
  CHECK(now.count() == 6);
  using Ranges = std::vector<std::pair<uint64_t, uint64_t>>;
  CHECK(now.ranges_beyond({}, 9) == Ranges{{0x1000, 0x2000}, {0x3000, 0x4000}, {0x40000, 0x44000}});
  CHECK(now.ranges_beyond({}, 2) == Ranges{{0x1000, 0x2000}, {0x3000, 0x4000}});
  CHECK(now.ranges_beyond(now, 9).empty());
  after_restart.add_from(file, "later");
  CHECK(after_restart.count() == 0);
  now.merge_with(file, "now");
  again.add_from(file, "now");
  CHECK(again.count() == 6);
  REQUIRE(ftruncate(file, 70) == 0);
  none.add_from(file, "now");
  CHECK(none.count() == 0);
  close(file);
  munmap(place, 2 * bytes);
}
