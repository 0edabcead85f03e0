#include <stdexcept>

#include "hostile.hpp"
HOSTILE_RUN { throw std::runtime_error("over the wall"); }
