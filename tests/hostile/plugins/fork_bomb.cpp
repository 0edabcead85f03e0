// Forks without end, as far as it is let.
#include <unistd.h>

#include "hostile.hpp"
HOSTILE_RUN {
  while (true) fork();
}
