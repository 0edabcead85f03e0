// A plugin's manifest, as its file says it.
#include "catalog/manifest.hpp"
#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace assay;
  return fuzz::tried([&] { catalog::parse_manifest(std::string(fuzz::text_of(data, size))); });
}
