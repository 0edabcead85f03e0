#include <unistd.h>

#include "hostile.hpp"
HOSTILE_RUN {
  close(4);
  while (true) pause();
}
