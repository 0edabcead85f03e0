// Its code knows another test than its manifest promises.
#define HOSTILE_ID "another.test"
#include "hostile.hpp"
HOSTILE_RUN {
  (void)trial;
  return ASSAY_OK;
}
