// Fills the file system of the run's folder with files.
#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "hostile.hpp"

HOSTILE_RUN {
  const std::vector<char> block(1 << 20, 'x');
  for (int i = 0; i < 64; ++i) {
    const int file = open(("big" + std::to_string(i)).c_str(), O_WRONLY | O_CREAT, 0600);
    for (int mib = 0; mib < 32 && write(file, block.data(), block.size()) > 0; ++mib) continue;
    close(file);
  }
  trial->measure(trial, "count", 0);
  return ASSAY_OK;
}
