#include "device_gone.hpp"

#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string>

#include "file_status.hpp"

namespace storage {

bool is_gone(int file, int fault) {
  for (const int gone : {ENODEV, ENXIO, ENOTCONN, ESHUTDOWN, ENOMEDIUM, ESTALE})
    if (fault == gone) return true;
  // Of a device that was taken out Linux says EIO, or that it has no room; it has no size any more, or is not in the
  // system's list.
  struct stat status {};
  if ((fault != EIO && fault != ENOSPC && fault != EROFS) || !status_of(file, status)) return false;
  const bool device = S_ISBLK(status.st_mode);
  uint64_t bytes = 0;
  if (device && (ioctl(file, BLKGETSIZE64, &bytes) != 0 || bytes == 0)) return true;
  const dev_t number = device ? status.st_rdev : status.st_dev;
  if (major(number) == 0 || access("/sys/dev/block", X_OK) != 0) return false;  // a file system without a device
  const std::string place = "/sys/dev/block/" + std::to_string(major(number)) + ":" + std::to_string(minor(number));
  return access(place.c_str(), F_OK) != 0;
}

}  // namespace storage
