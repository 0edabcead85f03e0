#include "hostile.hpp"
HOSTILE_RUN {
  trial->measure(trial, "count", 0);
  trial->measure(trial, "surprise", 1);
  return ASSAY_OK;
}
