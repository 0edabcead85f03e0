#include <unistd.h>

#include <string>

#include "hostile.hpp"
HOSTILE_RUN {
  const std::string garbage("\x05\x00\x00\x00hello\x20\x00\x00\x00{\"k\":", 20);
  return write(4, garbage.data(), garbage.size()) > 0 ? ASSAY_OK : ASSAY_ERROR;
}
