#include <stdexcept>

#include "hostile.hpp"
namespace {
struct Thrower {
  Thrower() { throw std::runtime_error("too early"); }
} thrower;
}  // namespace
HOSTILE_RUN { return ASSAY_OK; }
