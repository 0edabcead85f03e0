/* Extension "assay.keep/1", host to plugin: one file that the trials of a test on a target with the same parameters
 * (but for durations) share for the length of a run, so that a later trial can go on where an earlier one ended. A run
 * can be resumed after the machine was started anew, with other hardware in it: say in the file what it is about.
 * Offered to tests whose manifest says "needs": {"kept": true}, and not to trials with an injection: what these find
 * must not count. */
#ifndef ASSAY_EXT_KEEP_H
#define ASSAY_EXT_KEEP_H

#include "../plugin.h"

#define ASSAY_EXT_KEEP "assay.keep/1"

typedef struct assay_keep {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */

  /* [any] A descriptor open for reading and writing, at any place in the file, which the plugin closes; negative where
   * nothing is kept. The file is empty at first. It can be what an interrupted trial left: check what is read.
   * Trials that run at once share it: take flock(2) around a change. */
  int32_t (*open)(void);
} assay_keep;

#endif
