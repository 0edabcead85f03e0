/* Extension "assay.repeat/1", host to plugin: a test that repeats its own failure within the trial says how often it
 * came again. The host confirms a failure by running the trial again in a new process; a test whose hardware would then
 * be another piece (the memory frames that a process gets) must repeat on the same piece itself. A trial that says so
 * is not repeated by the host. */
#ifndef ASSAY_EXT_REPEAT_H
#define ASSAY_EXT_REPEAT_H

#include "../plugin.h"

#define ASSAY_EXT_REPEAT "assay.repeat/1"

typedef struct assay_repeat {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */

  /* [any] The finding `code` of this trial was looked for again `repeats` times and seen in `seen_again` of them. Once
   * per code; seen_again is at most repeats. */
  void (*repeated)(const assay_trial *trial, const char *code, uint32_t repeats, uint32_t seen_again);
} assay_repeat;

#endif
