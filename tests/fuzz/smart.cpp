// What smartctl printed, as JSON or as text, and the verdict on it.
#include "fuzz.hpp"
#include "smart/reading.hpp"
#include "smart/verdict.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<smart::Verdict> verdicts;
  for (const smart::Reading& reading : smart::read_all(std::string(assay::fuzz::text_of(data, size))))
    verdicts.push_back(smart::judge(reading));
  smart::worst(verdicts);
  return 0;
}
