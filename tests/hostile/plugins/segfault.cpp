#include "hostile.hpp"
// Reads through a null pointer.
HOSTILE_RUN { return *static_cast<volatile int*>(nullptr) == 1 ? ASSAY_OK : ASSAY_ERROR; }
