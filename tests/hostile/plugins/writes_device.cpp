#include <assay/ext/device.h>
#include <fcntl.h>
#include <unistd.h>

#include <string>

#define HOSTILE_BINDS "disk"
#include "hostile.hpp"
/// Its manifest says "observe", and it tries to write to the device all the same: by what it was given, by opening that
/// anew, and by its path.
HOSTILE_RUN {
  const auto* device = static_cast<const assay_device*>(hostile_host->get_extension(ASSAY_EXT_DEVICE));
  const int given = device == nullptr ? -1 : device->open();
  if (given < 0) return ASSAY_ERROR;
  fcntl(given, F_SETFL, 0);  // not past the page cache: any buffer will do
  const std::string again = "/proc/self/fd/" + std::to_string(given);
  int written = pwrite(given, "gone", 4, 0) > 0 ? 1 : 0;
  for (const char* path : {again.c_str(), trial->target_attribute(trial, "path")}) {
    const int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd >= 0 && pwrite(fd, "gone", 4, 0) > 0) ++written;
    if (fd >= 0) close(fd);
  }
  close(given);
  trial->measure(trial, "count", written);
  return ASSAY_OK;
}
