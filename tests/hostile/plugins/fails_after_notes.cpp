// Says a hundred things that do not matter, and then the one that does.
#include "hostile.hpp"

HOSTILE_RUN {
  for (int i = 0; i < 150; ++i) trial->finding(trial, ASSAY_NOTE, "note", "nothing", nullptr);
  trial->finding(trial, ASSAY_FAIL, "broken", "It is broken.", nullptr);
  trial->measure(trial, "count", 0);
  return ASSAY_OK;
}
