#include "handed.hpp"

#include <fcntl.h>
#include <linux/io_uring.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <iterator>

namespace assay::runner {
namespace {

constexpr unsigned ring_entries = 256;
io_uring_params parameters{};

void place(int fd, int number) {
  if (fd < 0 || fd == number) return;
  dup3(fd, number, O_CLOEXEC);
  close(fd);
}

int make_ring() {
  // Completions need not interrupt the only thread that waits for them; older kernels do not know that.
  for (const unsigned flags : {IORING_SETUP_COOP_TASKRUN | IORING_SETUP_SINGLE_ISSUER, 0U}) {
    parameters = {};
    parameters.flags = flags | IORING_SETUP_R_DISABLED;
    const int ring = static_cast<int>(syscall(SYS_io_uring_setup, ring_entries, &parameters));
    if (ring >= 0) return ring;
  }
  return -1;
}

io_uring_restriction operation(uint8_t code) {
  io_uring_restriction restriction{};
  restriction.opcode = IORING_RESTRICTION_SQE_OP;
  restriction.sqe_op = code;
  return restriction;
}

io_uring_restriction registering(uint8_t code) {
  io_uring_restriction restriction{};
  restriction.opcode = IORING_RESTRICTION_REGISTER_OP;
  restriction.register_op = code;
  return restriction;
}

bool restrict_ring(int ring) {
  io_uring_restriction flags{};
  flags.opcode = IORING_RESTRICTION_SQE_FLAGS_ALLOWED;
  flags.sqe_flags = IOSQE_FIXED_FILE | IOSQE_IO_LINK | IOSQE_IO_DRAIN;
  io_uring_restriction allowed[] = {operation(IORING_OP_NOP),
                                    operation(IORING_OP_READ),
                                    operation(IORING_OP_READ_FIXED),
                                    operation(IORING_OP_READV),
                                    operation(IORING_OP_WRITE),
                                    operation(IORING_OP_WRITE_FIXED),
                                    operation(IORING_OP_WRITEV),
                                    operation(IORING_OP_FSYNC),
                                    registering(IORING_REGISTER_BUFFERS),
                                    registering(IORING_UNREGISTER_BUFFERS),
                                    registering(IORING_REGISTER_FILES),
                                    registering(IORING_UNREGISTER_FILES),
                                    flags};
  return syscall(SYS_io_uring_register, ring, IORING_REGISTER_RESTRICTIONS, allowed, std::size(allowed)) == 0 &&
         syscall(SYS_io_uring_register, ring, IORING_REGISTER_ENABLE_RINGS, nullptr, 0) == 0;
}

}  // namespace

void open_pagemap() { place(open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC), pagemap_fd); }

void open_ring() {
  const int ring = make_ring();
  if (ring < 0) return;
  if (restrict_ring(ring))
    place(ring, ring_fd);
  else
    close(ring);
}

const void* ring_parameters() { return &parameters; }

}  // namespace assay::runner
