#include "read_ring.hpp"

#include <liburing.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "device_gone.hpp"

namespace storage {

double now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

namespace {
constexpr unsigned batch = 8;

/// Tells reads of this object from those that an earlier one gave up.
uint32_t next_generation() {
  static std::atomic<uint32_t> last{0};
  return ++last;
}

/// The host sets the ring up: a process that is held back could not.
int open_ring(io_uring& ring) {
  const auto* extension = assay::host_extension<assay_ring>(ASSAY_EXT_RING);
  if (extension == nullptr) return -EPERM;
  io_uring_params parameters{};
  const int file = extension->open(&parameters);
  if (file < 0) return -EPERM;
  const int fault = io_uring_queue_mmap(file, &parameters, &ring);
  if (fault < 0) return close(file), fault;
  // What else io_uring_queue_init() does; and it is the same ring each time, which goes on where it was left.
  for (unsigned entry = 0; entry < ring.sq.ring_entries; ++entry) ring.sq.array[entry] = entry;
  ring.sq.sqe_head = ring.sq.sqe_tail = *ring.sq.ktail;
  return 0;
}

}  // namespace

struct ReadRing::Uring {
  io_uring ring{};
  uint64_t generation = uint64_t{next_generation()} << 32;
};

ReadRing::ReadRing(const BlockDevice& device, unsigned depth, unsigned most_bytes)
    : uring_(std::make_unique<Uring>()),
      device_(device),
      file_(device.descriptor()),
      most_bytes_(most_bytes),
      reads_(depth),
      out_(depth) {
  const auto must = [](int status, const char* what) {
    if (status < 0)
      throw assay::Skip{"not-supported", std::string("io_uring ") + what + " here: " + std::strerror(-status)};
  };
  must(open_ring(uring_->ring), "is not to be had");
  buffers_ = static_cast<unsigned char*>(std::aligned_alloc(4096, size_t{depth} * most_bytes));
  if (buffers_ == nullptr) throw std::bad_alloc();
  iovec buffers{buffers_, size_t{depth} * most_bytes};
  const int file = device.descriptor();
  const int fixed = io_uring_register_buffers(&uring_->ring, &buffers, 1);
  fixed_buffers_ = fixed == 0;
  // Without root so much may not be locked; and reads that were given up may still hold those before: then without.
  if (fixed != -ENOMEM && fixed != -EBUSY) must(fixed, "takes no buffers");
  // Reads that were given up may still hold the one before.
  fixed_file_ = io_uring_register_files(&uring_->ring, &file, 1) == 0;
  for (unsigned slot = depth; slot-- > 0;) free_.push_back(slot);
}

ReadRing::~ReadRing() {
  // Where a read has not come back, Linux still has the ring and the buffer; both go with the process.
  unsigned slot = 0;
  int result = 0;
  for (const double end = now() + 1; lost_ == 0 && in_flight_ > 0 && now() < end;)
    if (take_completion(0.1, slot, result)) --in_flight_;
  const bool quiet = lost_ == 0 && in_flight_ == 0;
  if (quiet && fixed_buffers_) io_uring_unregister_buffers(&uring_->ring);
  if (quiet && fixed_file_) io_uring_unregister_files(&uring_->ring);
  io_uring_queue_exit(&uring_->ring);
  if (quiet) std::free(buffers_);
}

void ReadRing::submit(uint64_t offset, unsigned bytes) {
  const unsigned slot = free_.back();
  free_.pop_back();
  io_uring_sqe* entry = io_uring_get_sqe(&uring_->ring);
  unsigned char* buffer = buffers_ + size_t{slot} * most_bytes_;
  if (fixed_buffers_)
    io_uring_prep_read_fixed(entry, fixed_file_ ? 0 : file_, buffer, bytes, offset, 0);
  else
    io_uring_prep_read(entry, fixed_file_ ? 0 : file_, buffer, bytes, offset);
  if (fixed_file_) entry->flags |= IOSQE_FIXED_FILE;
  entry->user_data = uring_->generation | slot;
  reads_[slot] = {slot, offset, bytes, now(), 0, 0};
  out_[slot] = true;
  ++in_flight_;
}

bool ReadRing::take_completion(double seconds, unsigned& slot, int& result) {
  io_uring_cqe* completion = nullptr;
  // What is there already costs no call; what is queued meanwhile is handed over all at once when nothing is left.
  if (io_uring_peek_cqe(&uring_->ring, &completion) < 0 || completion == nullptr) {
    const auto whole = static_cast<long long>(seconds);
    __kernel_timespec limit{whole, static_cast<long long>((seconds - static_cast<double>(whole)) * 1e9)};
    int fault = io_uring_submit_and_wait_timeout(&uring_->ring, &completion, 1, &limit, nullptr);
    if (fault < 0 || completion == nullptr) fault = io_uring_peek_cqe(&uring_->ring, &completion);
    if (fault < 0 || completion == nullptr) return false;
  } else if (io_uring_sq_ready(&uring_->ring) >= batch) {
    io_uring_submit(&uring_->ring);  // before the device runs out of work
  }
  const bool ours = (completion->user_data >> 32) << 32 == uring_->generation;
  slot = static_cast<unsigned>(completion->user_data);
  result = completion->res;
  io_uring_cqe_seen(&uring_->ring, completion);
  return ours;
}

bool ReadRing::wait(double seconds, Read& done) {
  const double end = now() + seconds;
  unsigned slot = 0;
  int result = 0;
  while (true) {
    if (!take_completion(std::max(0.0, end - now()), slot, result)) {
      if (now() >= end) return false;
      continue;  // a signal came
    }
    if (out_[slot]) break;
    --lost_;  // given up before; its buffer stays unused all the same
    if (now() >= end) return false;
  }
  out_[slot] = false;
  free_.push_back(slot);
  --in_flight_;
  done = reads_[slot];
  done.completed = now();
  done.error = result < 0 ? -result : static_cast<unsigned>(result) != done.bytes ? EIO : 0;
  if (done.error != 0 && is_gone(file_, done.error))
    throw std::runtime_error("the device has gone away in mid-test: was it unplugged?");
  if (done.error != 0) device_.must_not_shrink();
  // What Linux itself refuses says nothing of the device.
  if (done.error == EINVAL)
    throw assay::Skip{"not-supported", "reads of " + std::to_string(done.bytes) + " bytes at byte " +
                                           std::to_string(done.offset) + " are refused here (alignment)"};
  for (const int trouble : {ENOMEM, EAGAIN, ECANCELED, EOPNOTSUPP, EPERM, EACCES})
    if (done.error == trouble) throw std::runtime_error(std::string("a read was refused: ") + std::strerror(trouble));
  return true;
}

std::vector<Read> ReadRing::abandon(double seconds) {
  std::vector<Read> given_up;
  const double time = now();
  for (unsigned slot = 0; slot < reads_.size(); ++slot) {
    if (!out_[slot] || time - reads_[slot].submitted < seconds) continue;
    out_[slot] = false;
    --in_flight_;
    ++lost_;
    given_up.push_back(reads_[slot]);
    given_up.back().completed = time;
    given_up.back().error = ETIMEDOUT;
  }
  return given_up;
}

}  // namespace storage
