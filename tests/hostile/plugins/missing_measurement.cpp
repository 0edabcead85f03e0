#include "hostile.hpp"
HOSTILE_RUN {
  (void)trial;
  return ASSAY_OK;
}
