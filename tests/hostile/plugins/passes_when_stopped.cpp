// Looks at nothing until its time is over, and says that all is well.
#include "hostile.hpp"
HOSTILE_RUN {
  while (trial->should_stop(trial) == 0) {
  }
  trial->measure(trial, "count", 0);
  return ASSAY_OK;
}
