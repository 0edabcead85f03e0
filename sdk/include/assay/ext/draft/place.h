/* Extension "assay.place/0" (a draft: it may still change), host to plugin: where a failure lies, and what was tested.
 * After a repair a fault counts as looked for again only if the very place where it was seen has been tested by the
 * same test. A test that covers a part of its target at a time must say which part; a test that always covers its whole
 * target needs none of this.
 *
 * A place is a range of bytes of a space, or a piece with a name. Both must mean the same in the next run: not virtual
 * addresses, not numbers that a new start hands out anew. Spaces: "offset" (bytes from the start of the target's
 * device), "physical" (physical addresses of memory), or a name of the plugin's own of [a-z-]. */
#ifndef ASSAY_EXT_DRAFT_PLACE_H
#define ASSAY_EXT_DRAFT_PLACE_H

#include "../../plugin.h"

#define ASSAY_EXT_PLACE "assay.place/0"

typedef struct assay_place {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */

  /* [any] The finding `code` of this trial was seen at the bytes first <= n < end of `space`. Again for more places;
   * the host keeps 1,000. */
  void (*failed_at)(const assay_trial *trial, const char *code, const char *space, uint64_t first, uint64_t end);
  /* [any] These bytes were tested from beginning to end, with or without a finding. In any order; join what lies side
   * by side: the host keeps 65,536 separate ranges, and what it does not keep counts as not tested. */
  void (*covered)(const assay_trial *trial, const char *space, uint64_t first, uint64_t end);

  /* [any] The same for pieces with names ("port 1-2"), of which the host keeps 1,000. */
  void (*failed_on)(const assay_trial *trial, const char *code, const char *piece);
  void (*covered_piece)(const assay_trial *trial, const char *piece);
} assay_place;

#endif
