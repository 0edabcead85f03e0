#include <cstring>
#include <new>

#include "hostile.hpp"
HOSTILE_RUN {
  while (true) {
    constexpr size_t piece = 16 << 20;
    char* volatile block = new char[piece];
    std::memset(block, 1, piece);
  }
}
