#include <csignal>

#include "hostile.hpp"
HOSTILE_RUN {
  std::signal(SIGTERM, SIG_IGN);
  while (true) __asm__ volatile("");
}
