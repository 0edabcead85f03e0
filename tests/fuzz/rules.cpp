// A file of rules for the kernel's log.
#include "fuzz.hpp"
#include "watch/kernel_log.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace assay;
  return fuzz::tried([&] { watch::KernelRules::parse("rules.toml", std::string(fuzz::text_of(data, size))); });
}
