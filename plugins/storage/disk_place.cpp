#include "disk_place.hpp"

#include <linux/fiemap.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "file_status.hpp"

namespace storage {
namespace {

std::optional<uint64_t> number_in(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "re");
  unsigned long long number = 0;
  const bool read = file != nullptr && std::fscanf(file, "%llu", &number) == 1;
  if (file != nullptr) std::fclose(file);
  return read ? std::optional<uint64_t>(number) : std::nullopt;
}

/// Bytes from the start of the file system's device.
std::optional<uint64_t> extent_at(int file, uint64_t offset) {
  alignas(fiemap) std::array<unsigned char, sizeof(fiemap) + sizeof(fiemap_extent)> room{};
  auto* map = reinterpret_cast<fiemap*>(room.data());
  map->fm_start = offset;
  map->fm_length = 512;
  map->fm_flags = FIEMAP_FLAG_SYNC;
  map->fm_extent_count = 1;
  if (ioctl(file, FS_IOC_FIEMAP, map) != 0 || map->fm_mapped_extents == 0) return std::nullopt;
  const fiemap_extent& extent = map->fm_extents[0];
  constexpr uint32_t no_place =
      FIEMAP_EXTENT_UNKNOWN | FIEMAP_EXTENT_DELALLOC | FIEMAP_EXTENT_ENCODED | FIEMAP_EXTENT_NOT_ALIGNED;
  if ((extent.fe_flags & no_place) != 0 || extent.fe_logical > offset) return std::nullopt;
  return extent.fe_physical + (offset - extent.fe_logical);
}

/// The name of the disk that a device of /sys/dev/block is, or is a partition of.
std::string disk_of(const std::string& device) {
  std::error_code error;
  const std::filesystem::path place = std::filesystem::canonical(device, error);
  const bool part = access((device + "/partition").c_str(), F_OK) == 0;
  return (part ? place.parent_path() : place).filename().string();
}

}  // namespace

std::string place_in_file(int file, uint64_t offset) {
  std::string in_file = "byte " + std::to_string(offset) + " of the test's file";
  struct stat status {};
  const auto extent = extent_at(file, offset);
  if (!extent || !status_of(file, status)) return in_file;
  const std::string device =
      "/sys/dev/block/" + std::to_string(major(status.st_dev)) + ":" + std::to_string(minor(status.st_dev));
  // A mapped device or a RAID lies elsewhere on the disk than its own numbers say.
  if (access(device.c_str(), F_OK) != 0 || access((device + "/dm").c_str(), F_OK) == 0 ||
      access((device + "/md").c_str(), F_OK) == 0)
    return in_file;
  const uint64_t start = number_in(device + "/start").value_or(0) * 512;  // of a partition; sysfs counts in 512 bytes
  auto sector = number_in(device + "/queue/logical_block_size");
  if (!sector) sector = number_in(device + "/../queue/logical_block_size");
  const uint64_t byte = start + *extent;
  return "block " + std::to_string(byte / sector.value_or(512)) + " (byte " + std::to_string(byte) + ") of " +
         disk_of(device);
}

unsigned sector_of(int file) {
  struct stat status {};
  int sector = 512;
  const bool device = status_of(file, status) && S_ISBLK(status.st_mode);
  return device && ioctl(file, BLKSSZGET, &sector) == 0 && sector >= 512 ? static_cast<unsigned>(sector) : 512;
}

}  // namespace storage
