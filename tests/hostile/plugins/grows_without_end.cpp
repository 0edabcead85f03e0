#include <assay/ext/device.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#define HOSTILE_BINDS "disk"
#include "hostile.hpp"
/// Its file may grow so far and no further: the customer's disk must not be filled.
HOSTILE_RUN {
  const auto* device = static_cast<const assay_device*>(hostile_host->get_extension(ASSAY_EXT_DEVICE));
  const int file = device == nullptr ? -1 : device->open();
  const char* most = trial->target_attribute(trial, "scratch_bytes");
  if (file < 0 || most == nullptr) return ASSAY_ERROR;
  fcntl(file, F_SETFL, 0);
  const auto end = static_cast<off_t>(std::strtoull(most, nullptr, 10));
  const bool within = pwrite(file, "x", 1, end - 1) == 1;
  const bool beyond = pwrite(file, "x", 1, end) == 1 || errno != EFBIG || ftruncate(file, 2 * end) == 0;
  close(file);
  trial->measure(trial, "count", within && !beyond ? 0 : 1);
  return ASSAY_OK;
}
