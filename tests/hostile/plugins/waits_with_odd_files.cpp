// Leaves files with names that no text can hold, and waits for the end.
#include <fcntl.h>
#include <unistd.h>

#include <string>

#include "hostile.hpp"

HOSTILE_RUN {
  for (int i = 0; i < 50; ++i) close(open(("\xff" + std::to_string(i)).c_str(), O_WRONLY | O_CREAT, 0600));
  close(open("last", O_WRONLY | O_CREAT, 0600));
  while (trial->should_stop(trial) == 0) usleep(10'000);
  return ASSAY_CANCELLED;
}
