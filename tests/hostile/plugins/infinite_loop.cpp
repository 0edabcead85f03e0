#include "hostile.hpp"
HOSTILE_RUN {
  while (true) __asm__ volatile("");
}
