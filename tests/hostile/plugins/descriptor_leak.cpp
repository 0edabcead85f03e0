#include <fcntl.h>

#include "hostile.hpp"
HOSTILE_RUN {
  while (open("/dev/null", O_RDONLY) >= 0) {
  }
  return ASSAY_OK;
}
