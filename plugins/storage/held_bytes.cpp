#include "held_bytes.hpp"

#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "file_status.hpp"

namespace storage {
namespace {

std::string size_text(uint64_t bytes) {
  const char* const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB"};
  auto value = static_cast<double>(bytes);
  size_t unit = 0;
  while (value >= 1024 && unit + 1 < std::size(units)) value /= 1024, ++unit;
  char text[40];
  std::snprintf(text, sizeof text, "%.4g %s", value, units[unit]);
  return text;
}

/// Of the device on which a file lies; 0 for file systems that lie on none, or on several.
uint64_t bytes_under(const struct stat& status) {
  const std::string device =
      "/sys/dev/block/" + std::to_string(major(status.st_dev)) + ":" + std::to_string(minor(status.st_dev));
  uint64_t sectors = 0;  // sysfs counts in 512 bytes
  std::ifstream(device + "/size") >> sectors;
  return sectors * 512;
}

}  // namespace

HeldBytes::HeldBytes(int file, uint64_t expected, bool under)
    : file_(file), under_(under), at_start_(std::max(now(), expected)) {}

uint64_t HeldBytes::now() const {
  struct stat status {};
  if (!status_of(file_, status)) return 0;
  if (under_) return bytes_under(status);
  uint64_t bytes = 0;
  if (S_ISBLK(status.st_mode)) return ioctl(file_, BLKGETSIZE64, &bytes) == 0 ? bytes : 0;
  return static_cast<uint64_t>(status.st_size);
}

void HeldBytes::must_not_shrink() const {
  const uint64_t bytes = now();
  if (bytes >= at_start_) return;
  if (bytes == 0)
    throw std::runtime_error("the device has gone away in mid-test: it held " + size_text(at_start_) +
                             ", now nothing; was it unplugged?");
  throw std::runtime_error("the device became smaller: it held " + size_text(at_start_) + ", now " + size_text(bytes) +
                           "; nothing can be said of it until it keeps its size");
}

std::string HeldBytes::growth() const {
  const uint64_t bytes = now();
  if (at_start_ == 0 || bytes <= at_start_) return "";
  return "The device became larger in mid-test: it held " + size_text(at_start_) + ", now " + size_text(bytes) +
         ". What was added is not tested.";
}

}  // namespace storage
