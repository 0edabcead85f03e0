// What is on a disk, by its first bytes.
#include "inventory/content.hpp"
#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace assay;
  const fuzz::MemoryFile file(fuzz::text_of(data, size));
  if (ftruncate(file.fd(), 1 << 20) == 0) inventory::content_of(file.fd(), 1 << 20);
  return 0;
}
