#include <unistd.h>

#include <cstdint>

#include "hostile.hpp"
HOSTILE_RUN {
  const uint32_t size = 1000;
  if (write(4, &size, sizeof size) < 0) return ASSAY_ERROR;
  _exit(0);
}
