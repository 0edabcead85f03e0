#include <unistd.h>

#include "hostile.hpp"
HOSTILE_RUN {
  for (int fd = 0; fd < 1024; ++fd) close(fd);
  return ASSAY_OK;
}
