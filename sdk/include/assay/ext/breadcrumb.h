/* Extension "assay.breadcrumb/1", host to plugin: leave a mark of what the test is doing. The last mark lies in shared
 * memory and outlives any death of the process, so the report can say what a crashed or hung trial was doing. */
#ifndef ASSAY_EXT_BREADCRUMB_H
#define ASSAY_EXT_BREADCRUMB_H

#include "../plugin.h"

#define ASSAY_EXT_BREADCRUMB "assay.breadcrumb/1"

typedef struct assay_breadcrumb {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */

  /* [any] `doing` is cut at 63 bytes; `address` is any number that locates the work (0 if none). Costs some ten
   * nanoseconds: once per block, not once per byte. */
  void (*drop)(const char *doing, uint64_t address);
} assay_breadcrumb;

#endif
