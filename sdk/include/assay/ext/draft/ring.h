/* Extension "assay.ring/0" (a draft: it may still change), host to plugin: an io_uring that the host has set up. A
 * plugin cannot make one itself, since what a ring does passes by all that holds a plugin back. This one reads, writes
 * and syncs descriptors that the plugin has (IORING_OP_READ, READ_FIXED, READV, WRITE, WRITE_FIXED, WRITEV, FSYNC,
 * NOP), as they are or registered; buffers and files can be registered, other operations fail with EACCES.
 *
 * Offered to tests whose manifest says "needs": {"ring": true}, where Linux has io_uring. */
#ifndef ASSAY_EXT_DRAFT_RING_H
#define ASSAY_EXT_DRAFT_RING_H

#include "../../plugin.h"

#define ASSAY_EXT_RING "assay.ring/0"

typedef struct assay_ring {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */

  /* [trial] A descriptor of the ring, which the plugin closes; the same ring each time. `parameters` is a `struct
   * io_uring_params` of linux/io_uring.h and gets what io_uring_setup(2) told; with liburing:
   * io_uring_queue_mmap(descriptor, &parameters, &ring), then ring.sq.array[i] = i for all ring.sq.ring_entries, and
   * ring.sq.sqe_head = ring.sq.sqe_tail = *ring.sq.ktail, since the ring may have been used before. It has 256 entries
   * and must be used by the thread that called run(). Negative on failure. */
  int32_t (*open)(void *parameters);
} assay_ring;

#endif
