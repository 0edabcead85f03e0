#include "hostile.hpp"
HOSTILE_RUN {
  for (volatile int i = 0;; i = i + 1) {
  }
}
