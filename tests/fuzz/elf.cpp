// The ELF note that carries a manifest.
#include "catalog/elf_note.hpp"
#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace assay;
  const fuzz::MemoryFile file(fuzz::text_of(data, size));
  return fuzz::tried([&] { catalog::read_manifest_note(file.path()); });
}
