#define HOSTILE_MINOR 7
#include "hostile.hpp"
HOSTILE_RUN {
  (void)trial;
  return ASSAY_OK;
}
