#include <cstdlib>

#include "hostile.hpp"
HOSTILE_RUN { std::exit(0); }
