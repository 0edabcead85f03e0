// Honest: leaves a file.
#include <fcntl.h>
#include <unistd.h>

#include "hostile.hpp"

HOSTILE_RUN {
  const int file = open("note.txt", O_WRONLY | O_CREAT, 0644);
  const bool written = write(file, "by the trial\n", 13) == 13;
  close(file);
  trial->measure(trial, "count", written ? 0 : 1);
  return ASSAY_OK;
}
