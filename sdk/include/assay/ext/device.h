/* Extension "assay.device/1", host to plugin: what the target stands for, opened by the host as far as the test's
 * effect and the user's consent go. So a plugin need not open device nodes, and cannot write where it must not.
 *
 * - observe, load: the device or file itself, for reading only.
 * - scratch: a new, empty file in a file system on the device, for reading and writing.
 *   It has no name and vanishes with its last descriptor. It may grow to as many bytes as the
 *   target's attribute "scratch_bytes" says; beyond that writes fail with EFBIG, so that a
 *   tenth of the file system stays free.
 * - destructive: the device itself, for reading and writing, alone (O_EXCL).
 *
 * Offered for targets with a path. Stand-ins have none: the plugin makes one in its artifact folder. */
#ifndef ASSAY_EXT_DEVICE_H
#define ASSAY_EXT_DEVICE_H

#include "../plugin.h"

#define ASSAY_EXT_DEVICE "assay.device/1"

typedef struct assay_device {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */

  /* [any] A descriptor, which the plugin closes. Past the page cache (O_DIRECT) where the file system can do that; see
   * fcntl(F_GETFL). Negative on failure. */
  int32_t (*open)(void);
} assay_device;

#endif
