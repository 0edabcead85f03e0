#include "hostile.hpp"
namespace {
int deeper(int depth) {
  volatile char room[4096];
  room[0] = static_cast<char>(depth);
  return deeper(depth + 1) + room[0];
}
}  // namespace
HOSTILE_RUN { return deeper(0) == 7 ? ASSAY_OK : ASSAY_ERROR; }
