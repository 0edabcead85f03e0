#include <cstdlib>

#include "hostile.hpp"
HOSTILE_RUN { std::abort(); }
