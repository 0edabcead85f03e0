// Makes a hundred thousand notes of as many codes, and fails at last.
#include <string>

#include "hostile.hpp"

HOSTILE_RUN {
  for (int i = 0; i < 100'000; ++i) trial->finding(trial, ASSAY_NOTE, ("code" + std::to_string(i)).c_str(), "x", "");
  trial->finding(trial, ASSAY_FAIL, "fault", "The one that counts.", "");
  trial->measure(trial, "count", 0);
  return ASSAY_OK;
}
