// Gives more values than are kept; the last one breaks the limit.
#include "hostile.hpp"

HOSTILE_RUN {
  for (int i = 0; i < 400; ++i) trial->measure(trial, "count", i == 399 ? 1 : 0);
  return ASSAY_OK;
}
