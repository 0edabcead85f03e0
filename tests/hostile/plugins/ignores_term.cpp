#include <csignal>

#include "hostile.hpp"
HOSTILE_RUN {
  std::signal(SIGTERM, SIG_IGN);
  for (volatile int i = 0;; i = i + 1) {
  }
}
