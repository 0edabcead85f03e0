#include <cstdlib>
#include <cstring>

#include "hostile.hpp"
HOSTILE_RUN {
  char* volatile block = static_cast<char*>(std::malloc(40));
  std::memset(block - 16, 0x41, 80);
  std::free(block);
  std::free(std::malloc(5000));
  return ASSAY_OK;
}
