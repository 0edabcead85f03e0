// Sends frames as fast as it can until it is asked to stop.
#include "hostile.hpp"

HOSTILE_RUN {
  while (trial->should_stop(trial) == 0) {
    trial->progress(trial, 0.5, "talking");
    hostile_host->log(ASSAY_INFO, "talking");
    trial->finding(trial, ASSAY_NOTE, "talk", "talking", "");
  }
  return ASSAY_CANCELLED;
}
