#include <unistd.h>

#include <cstdint>

#include "hostile.hpp"
HOSTILE_RUN {
  const uint32_t size = 0xFFFFFFFF;
  return write(4, &size, sizeof size) > 0 ? ASSAY_OK : ASSAY_ERROR;
}
