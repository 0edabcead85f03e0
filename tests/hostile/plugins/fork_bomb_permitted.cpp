// Its manifest asks for helper programs; it starts two hundred and lets them be.
#include <unistd.h>

#include "hostile.hpp"
HOSTILE_RUN {
  for (int i = 0; i < 200; ++i)
    if (fork() == 0)
      while (true) pause();
  return ASSAY_OK;
}
