// A plan file.
#include "plan/plan.hpp"
#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace assay;
  return fuzz::tried([&] { plan::parse_plan("plan.toml", std::string(fuzz::text_of(data, size))); });
}
