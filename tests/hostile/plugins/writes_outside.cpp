#include <fcntl.h>

#include "hostile.hpp"
HOSTILE_RUN {
  const bool refused = open("/tmp/assay-hostile-was-here", O_WRONLY | O_CREAT, 0600) < 0;
  trial->measure(trial, "count", refused ? 0 : 1);
  return ASSAY_OK;
}
