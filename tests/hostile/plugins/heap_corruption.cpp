// Frees a block twice.
#include <cstdlib>

#include "hostile.hpp"
HOSTILE_RUN {
  char* volatile block = static_cast<char*>(std::malloc(40));
  std::free(block);
  std::free(block);
  return ASSAY_OK;
}
