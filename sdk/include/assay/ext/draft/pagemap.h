/* Extension "assay.pagemap/0" (a draft: it may still change), host to plugin: where the process's memory lies in the
 * machine. Linux tells that to root alone; the host opens it before the plugin's process gives its rights away.
 *
 * Offered to tests whose manifest says "needs": {"physical-addresses": true}, where the station allows it. Without root
 * the entries are there, and all frame numbers are 0. */
#ifndef ASSAY_EXT_DRAFT_PAGEMAP_H
#define ASSAY_EXT_DRAFT_PAGEMAP_H

#include "../../plugin.h"

#define ASSAY_EXT_PAGEMAP "assay.pagemap/0"

typedef struct assay_pagemap {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */

  /* [any] A descriptor of /proc/self/pagemap (Documentation/admin-guide/mm/pagemap.rst), which the plugin closes.
   * Negative on failure. */
  int32_t (*open)(void);
} assay_pagemap;

#endif
