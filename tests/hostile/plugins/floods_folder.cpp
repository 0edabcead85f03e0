// Makes files without end.
#include <fcntl.h>
#include <unistd.h>

#include <string>

#include "hostile.hpp"

HOSTILE_RUN {
  for (int i = 0; i < 10'000'000; ++i) close(open(std::to_string(i).c_str(), O_WRONLY | O_CREAT, 0600));
  trial->measure(trial, "count", 0);
  return ASSAY_OK;
}
