#include "hostile.hpp"
HOSTILE_RUN {
  __asm__ volatile("ud2");
  return ASSAY_OK;
}
