#include "medium.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "device_gone.hpp"
#include "disk_place.hpp"
#include "file_status.hpp"
#include "stand_in.hpp"

namespace storage {

PageBuffer::PageBuffer(size_t bytes)
    : bytes_(static_cast<unsigned char*>(
          std::aligned_alloc(Medium::piece, (bytes + Medium::piece - 1) / Medium::piece * Medium::piece))) {
  if (bytes_ == nullptr) throw std::bad_alloc();
}
void PageBuffer::Free::operator()(unsigned char* bytes) const { std::free(bytes); }

Medium::Medium(const assay::Trial& trial, Kind kind)
    : kind_(kind), path_(trial.target_attribute("path", "the stand-in")) {
  if (trial.target_attribute("stand_in") == "1")
    file_ = open_stand_in(O_RDWR), bytes_ = stand_in_bytes;
  else
    take_device(trial);
  direct_ = (fcntl(file_, F_GETFL) & O_DIRECT) != 0;
  bytes_ = bytes_ / piece * piece;
  const bool own = kind == Kind::device;
  held_.emplace(file_, own ? std::strtoull(trial.target_attribute("bytes", "0").c_str(), nullptr, 10) : 0, !own);
  try {
    must_not_shrink();  // since the run began
  } catch (...) {
    close(file_);
    throw;
  }
  if (bytes_ < piece) {
    close(file_);
    throw assay::Skip{kind_ == Kind::scratch ? "no-space" : "not-supported", path_ + " holds less than 4 KiB"};
  }
}

void Medium::take_device(const assay::Trial& trial) {
  const assay::Device device;
  if (!device) throw assay::Skip{"absent", path_ + " was not opened"};
  file_ = fcntl(device.descriptor(), F_DUPFD_CLOEXEC, 0);
  struct stat status {};
  if (file_ < 0 || !status_of(file_, status)) throw std::runtime_error(path_ + " was not handed over");
  if (kind_ == Kind::scratch) {
    bytes_ = std::strtoull(trial.target_attribute("scratch_bytes", "0").c_str(), nullptr, 10);
    refuse_memory();
  } else if (S_ISBLK(status.st_mode)) {
    ioctl(file_, BLKGETSIZE64, &bytes_);
    is_file_ = false;
  } else {
    bytes_ = static_cast<uint64_t>(status.st_size);
  }
}

/// What is written to a file system in memory never meets the disk.
void Medium::refuse_memory() const {
  struct statfs system {};
  if (fstatfs(file_, &system) != 0) return;
  for (const unsigned magic : {unsigned{TMPFS_MAGIC}, unsigned{RAMFS_MAGIC}})
    if (system.f_type == magic) throw assay::Skip{"not-supported", path_ + " lies in memory, not on a disk"};
}

Medium::~Medium() {
  close(file_);
  if (write_file_ >= 0) close(write_file_);
}

/// Sorts what is the medium's own from the rest.
int Medium::failed(int fault) const {
  if (is_gone(file_, fault)) throw std::runtime_error(path_ + " has gone away in mid-test: was it unplugged?");
  must_not_shrink();
  switch (fault) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return ENOSPC;
    case EINVAL:
      throw assay::Skip{"not-supported", path_ + " refuses reads or writes of whole pages (alignment)"};
    case ENOMEM:
    case EAGAIN:
    case EPERM:
    case EACCES:
    case EOPNOTSUPP:
      throw std::runtime_error(path_ + ": " + std::strerror(fault));
    default:
      return fault;
  }
}

int Medium::write(uint64_t offset, const unsigned char* data, size_t count) {
  if (kind_ == Kind::device) must_not_shrink();  // a file that was cut off would become as long as it was, with holes
  const int file = write_file_ >= 0 ? write_file_ : file_;
  for (size_t done = 0; done < count;) {
    const ssize_t wrote = pwrite(file, data + done, count - done, static_cast<off_t>(offset + done));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return failed(errno);
    if (wrote == 0) return EIO;
    done += static_cast<size_t>(wrote);
  }
  return 0;
}

int Medium::read(uint64_t offset, unsigned char* data, size_t count) {
  for (size_t done = 0; done < count;) {
    const ssize_t got = pread(file_, data + done, count - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed(errno);
    if (got == 0) return failed(EIO);
    done += static_cast<size_t>(got);
  }
  return 0;
}

int Medium::flush() {
  const int file = write_file_ >= 0 ? write_file_ : file_;
  return fdatasync(file) == 0 ? 0 : failed(errno);
}

void Medium::reopen() {
  posix_fadvise(file_, 0, 0, POSIX_FADV_DONTNEED);
  const std::string self = "/proc/self/fd/" + std::to_string(file_);
  int again = open(self.c_str(), O_RDONLY | O_CLOEXEC | (direct_ ? O_DIRECT : 0));
  if (again < 0) return;  // the old one reads past the cache, too
  if (write_file_ < 0)
    write_file_ = file_;
  else
    close(file_);
  file_ = again;
}

std::string Medium::place(uint64_t offset) const {
  if (kind_ == Kind::scratch) return place_in_file(file_, offset);
  return "block " + std::to_string(offset / sector_of(file_)) + " (byte " + std::to_string(offset) + ") of " + path_;
}

void tell_if_grown(const Medium& medium, const assay::Trial& trial) {
  if (const std::string text = medium.growth(); !text.empty()) trial.finding(assay::Severity::note, "grew", text);
}

void tell_if_cached(const Medium& medium, const assay::Trial& trial) {
  if (medium.direct()) return;
  trial.finding(
      assay::Severity::note, "cached",
      "The file system does not write past the page cache: what was read back may have come from the memory.");
}

}  // namespace storage
