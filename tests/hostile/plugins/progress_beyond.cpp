#include "hostile.hpp"
HOSTILE_RUN {
  trial->progress(trial, 17.5, "more than everything");
  trial->measure(trial, "count", 0);
  return ASSAY_OK;
}
