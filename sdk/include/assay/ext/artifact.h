/* Extension "assay.artifact/1", host to plugin: a file that belongs to the trial and is named in the report. It is the
 * only place that a plugin may write to, apart from the target that its manifest declares. */
#ifndef ASSAY_EXT_ARTIFACT_H
#define ASSAY_EXT_ARTIFACT_H

#include "../plugin.h"

#define ASSAY_EXT_ARTIFACT "assay.artifact/1"

typedef struct assay_artifact {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */

  /* [any] Creates NAME (letters, digits, '.', '-', '_'; it must not exist) in the trial's artifact folder. Returns a
   * file descriptor open for writing, which the plugin closes, or a negative status. */
  int32_t (*create)(const char *name, const char *media_type);
} assay_artifact;

#endif
