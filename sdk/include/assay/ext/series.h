/* Extension "assay.series/1", host to plugin: a measurement over time. Samples go through a ring in shared memory
 * (about 50 ns each) to an artifact file; the report shows count, minimum, mean and maximum. */
#ifndef ASSAY_EXT_SERIES_H
#define ASSAY_EXT_SERIES_H

#include "../plugin.h"

#define ASSAY_EXT_SERIES "assay.series/1"

typedef struct assay_series {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */

  /* [any] Opens a series. Returns its number (0 to 15), or a negative status: ASSAY_ERROR when there are 16 already. */
  int32_t (*open)(const char *name, const char *unit);

  /* [any] Adds a sample, stamped with the time of the call. When the host cannot keep up the sample is dropped and
   * counted; the report says how many. */
  void (*push)(int32_t series, double value);
} assay_series;

#endif
