#include <cmath>

#include "hostile.hpp"
HOSTILE_RUN {
  trial->measure(trial, "count", std::nan(""));
  return ASSAY_OK;
}
