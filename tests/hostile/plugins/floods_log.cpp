// A gigabyte on stderr, and two hundred thousand log lines.
#include <unistd.h>

#include <string>

#include "hostile.hpp"
HOSTILE_RUN {
  const std::string block(1 << 20, 'x');
  for (int i = 0; i < 1024; ++i)
    if (write(2, block.data(), block.size()) < 0) return ASSAY_ERROR;
  for (int i = 0; i < 20000; ++i) hostile_host->log(ASSAY_INFO, "again and again");
  return ASSAY_OK;
}
