// A good manifest, and code that was made for ABI 2.
#define HOSTILE_MAJOR 2
#include "hostile.hpp"
HOSTILE_RUN {
  (void)trial;
  return ASSAY_OK;
}
