// A march test in its notation.
#include "fuzz.hpp"
#include "march/algorithm.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const march::Algorithm algorithm = march::parse(assay::fuzz::text_of(data, size));
    assay::fuzz::require(march::parse(algorithm.text()).text() == algorithm.text());
  } catch (const march::BadAlgorithm&) {
  }
  return 0;
}
