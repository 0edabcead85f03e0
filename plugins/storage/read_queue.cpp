#include "read_queue.hpp"

#include <fcntl.h>
#include <liburing.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace storage {
namespace {

double now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

}  // namespace

struct ReadQueue::Ring {
  io_uring uring{};
};

ReadQueue::ReadQueue(const std::string& path, unsigned block) : block_(block) {
  if (open_device(path)) make_ring();
}

bool ReadQueue::open_device(const std::string& path) {
  file_ = open(path.c_str(), O_RDONLY | O_DIRECT | O_CLOEXEC);
  if (file_ < 0) {
    const bool forbidden = errno == EACCES || errno == EPERM;
    return give_up(forbidden ? "no-permission" : "not-supported", path + " cannot be read: " + std::strerror(errno));
  }
  struct stat status {};
  fstat(file_, &status);
  if (S_ISBLK(status.st_mode))
    ioctl(file_, BLKGETSIZE64, &bytes_);
  else
    bytes_ = static_cast<uint64_t>(status.st_size);
  return bytes_ >= block_ || give_up("not-supported", path + " is smaller than a block");
}

bool ReadQueue::make_ring() {
  if (posix_memalign(&buffer_, 4096, block_) != 0) return give_up("not-supported", "no memory for a buffer");
  ring_ = new Ring;
  if (const int fault = io_uring_queue_init(4, &ring_->uring, 0); fault < 0) {
    delete ring_;
    ring_ = nullptr;
    return give_up("not-supported", std::string("io_uring is not to be had here: ") + std::strerror(-fault));
  }
  // Registered once, so that a read costs no look-ups.
  iovec vector{buffer_, block_};
  const int fault = io_uring_register_buffers(&ring_->uring, &vector, 1);
  return fault == 0 || give_up("not-supported", std::string("io_uring takes no buffer here: ") + std::strerror(-fault));
}

ReadQueue::~ReadQueue() {
  if (ring_ != nullptr) io_uring_queue_exit(&ring_->uring);
  delete ring_;
  std::free(buffer_);
  if (file_ >= 0) close(file_);
}

bool ReadQueue::give_up(const char* category, const std::string& problem) {
  category_ = category;
  problem_ = problem;
  return false;
}

ReadResult ReadQueue::read(uint64_t offset, bool (*should_stop)(const void*), const void* context) {
  io_uring_sqe* entry = io_uring_get_sqe(&ring_->uring);
  io_uring_prep_read_fixed(entry, file_, buffer_, block_, offset, 0);
  const double start = now();
  io_uring_submit(&ring_->uring);
  io_uring_cqe* done = nullptr;
  while (true) {
    __kernel_timespec second{1, 0};
    const int fault = io_uring_wait_cqe_timeout(&ring_->uring, &done, &second);
    if (fault == 0) break;
    if (fault != -ETIME && fault != -EINTR) return {-fault, now() - start, true};
    if (should_stop(context)) return {0, now() - start, false};
  }
  ReadResult result{0, now() - start, true};
  if (done->res < 0)
    result.error = -done->res;
  else if (static_cast<unsigned>(done->res) != block_)
    result.error = EIO;
  io_uring_cqe_seen(&ring_->uring, done);
  return result;
}

}  // namespace storage
