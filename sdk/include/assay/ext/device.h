/* Extension "assay.device/1", host to plugin: the device or file that the target stands for, opened by the host as far
 * as the test's effect allows: for reading only, unless the manifest says "destructive" and the user has consented. So
 * a plugin need not open device nodes, and cannot write where it must not. Offered for targets with a path. */
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
