#include "block_device.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "file_status.hpp"
#include "stand_in.hpp"

namespace storage {

BlockDevice::BlockDevice(const assay::Trial& trial) : path_(trial.target_attribute("path", "the stand-in")) {
  if (trial.target_attribute("stand_in") == "1") {
    file_ = open_stand_in(O_RDONLY);
  } else {
    const assay::Device device;
    if (!device) throw assay::Skip{"absent", path_ + " was not opened"};
    file_ = fcntl(device.descriptor(), F_DUPFD_CLOEXEC, 0);
  }
  measure();
  held_.emplace(file_, std::strtoull(trial.target_attribute("bytes", "0").c_str(), nullptr, 10));
  try {
    must_not_shrink();  // since the run began
  } catch (...) {
    close(file_);
    throw;
  }
  if (bytes_ < sector_) {
    close(file_);
    throw assay::Skip{"not-supported", path_ + " has less than one block that could be read"};
  }
}

BlockDevice::~BlockDevice() { close(file_); }

void BlockDevice::measure() {
  struct stat status {};
  if (!status_of(file_, status)) return;
  direct_ = (fcntl(file_, F_GETFL) & O_DIRECT) != 0;
  if (S_ISBLK(status.st_mode)) {
    int sector = 512;
    ioctl(file_, BLKGETSIZE64, &bytes_);
    if (ioctl(file_, BLKSSZGET, &sector) == 0 && sector >= 512) sector_ = address_unit_ = static_cast<unsigned>(sector);
  } else {
    bytes_ = static_cast<uint64_t>(status.st_size);
  }
  // A file lies on a device whose sectors it does not tell. Trying would hang where the device hangs: so pages are read
  // where the file is made of pages.
  if (direct_ && S_ISREG(status.st_mode) && bytes_ % 4096 == 0) sector_ = 4096;
}

std::string BlockDevice::place(uint64_t offset) const {
  return "block " + std::to_string(block(offset)) + " (byte " + std::to_string(offset) + ") of " + path_;
}

void tell_if_grown(const BlockDevice& device, const assay::Trial& trial) {
  if (const std::string text = device.growth(); !text.empty()) trial.finding(assay::Severity::note, "grew", text);
}

void tell_if_cached(const BlockDevice& device, const assay::Trial& trial) {
  if (device.direct()) return;
  trial.finding(assay::Severity::note, "cached",
                "The file system of " + device.path() +
                    " does not read past the page cache: times and errors may be those of the memory.");
}

}  // namespace storage
