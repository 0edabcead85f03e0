#include <cstdlib>

#include "hostile.hpp"
__attribute__((constructor)) static void leave() { std::exit(0); }
HOSTILE_RUN { return ASSAY_OK; }
