// Fills the file system of the run's folder with files that have no name any more.
#include <fcntl.h>
#include <unistd.h>

#include <vector>

#include "hostile.hpp"

HOSTILE_RUN {
  const std::vector<char> block(1 << 20, 'x');
  for (int i = 0; i < 64; ++i) {
    const int file = open("big", O_WRONLY | O_CREAT | O_EXCL, 0600);
    unlink("big");
    for (int mib = 0; mib < 32 && write(file, block.data(), block.size()) > 0; ++mib) continue;
  }
  while (trial->should_stop(trial) == 0) usleep(10'000);
  return ASSAY_CANCELLED;
}
