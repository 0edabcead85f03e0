// Reads a mapped file past its end.
#include <sys/mman.h>
#include <unistd.h>

#include "hostile.hpp"
HOSTILE_RUN {
  const int file = memfd_create("empty", 0);
  auto* place = static_cast<volatile char*>(mmap(nullptr, 4096, PROT_READ, MAP_SHARED, file, 0));
  return *place == 1 ? ASSAY_OK : ASSAY_ERROR;
}
