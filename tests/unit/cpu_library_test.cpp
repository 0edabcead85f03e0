// The library cases of the plugin `cpu`, and what it says of the machine beside a fault.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <set>

#include "conditions.hpp"
#include "library_cases.hpp"

using namespace cpu;

namespace {

void leave_alone(std::string&) {}
void flip(std::string& bytes) { bytes[bytes.size() / 2] ^= 4; }

void write(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

}  // namespace

TEST_CASE("each library case comes to the same bytes for the same seed, and to others for another") {
  for (const LibraryCase& library_case : library_cases) {
    INFO(library_case.name);
    for (uint64_t index = 0; index < 10; ++index) {
      const LibraryResult once = library_case.run(7, index, leave_alone),
                          again = library_case.run(7, index, leave_alone);
      CHECK(once.fault.empty());
      CHECK(!once.bytes.empty());
      CHECK(once.bytes == again.bytes);
      CHECK(once.bytes != library_case.run(8, index, leave_alone).bytes);
    }
  }
}

TEST_CASE("a flipped bit in what a library made is a fault, or another result than the other cores have") {
  for (const LibraryCase& library_case : library_cases) {
    INFO(library_case.name);
    const LibraryResult sound = library_case.run(7, 1, leave_alone), flipped = library_case.run(7, 1, flip);
    CHECK((!flipped.fault.empty() || flipped.bytes != sound.bytes));
  }
}

TEST_CASE("known answers blame a core without asking another, and say where it went wrong") {
  CHECK(sha2_case(7, 1, flip).fault.find("SHA-256 of a known message, byte 16: expected b0, got b4") == 0);
  CHECK(aes_case(7, 1, flip).fault.find("the decrypted text differs, byte 32768") == 0);
  CHECK(!zlib_case(7, 1, flip).fault.empty());
  CHECK(!zstd_case(7, 1, flip).fault.empty());
}

TEST_CASE("a difference is told with its place, both bytes and how much differs") {
  CHECK(first_difference("abc", "abc").empty());
  CHECK(first_difference("abc", "abcd") == "expected 3 bytes, got 4");
  CHECK(first_difference("abcd", "axcx") == "byte 1: expected 62, got 78, differing bits 1a; 2 of 4 bytes differ");
}

TEST_CASE("clock and temperature stand beside a fault where the machine tells them") {
  const auto root = std::filesystem::temp_directory_path() / ("assay-conditions-" + std::to_string(getpid()));
  CHECK(conditions(0, root).empty());
  write(root / "proc/cpuinfo", "processor\t: 0\ncpu MHz\t\t: 1500.0\n\nprocessor\t: 1\ncpu MHz\t\t: 2600.4\n");
  CHECK(conditions(1, root) == "at 2600 MHz");
  write(root / "sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq", "3200000\n");
  CHECK(conditions(1, root) == "at 3200 MHz");
  write(root / "sys/class/hwmon/hwmon0/name", "nvme\n");
  write(root / "sys/class/hwmon/hwmon0/temp1_input", "90000\n");
  CHECK(conditions(1, root) == "at 3200 MHz");
  write(root / "sys/class/hwmon/hwmon1/name", "k10temp\n");
  write(root / "sys/class/hwmon/hwmon1/temp1_input", "61000\n");
  write(root / "sys/class/hwmon/hwmon1/temp3_input", "64500\n");
  CHECK(conditions(1, root) == "at 3200 MHz and 64 °C");
  CHECK(conditions(2, root) == "at 64 °C");
  std::filesystem::remove_all(root);
}
