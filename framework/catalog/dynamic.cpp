#include "dynamic.hpp"

#include "core/errors.hpp"

namespace assay::catalog {
namespace {

constexpr uint64_t most_entries = 4096, most_strings = 16 << 20;

uint64_t file_offset(const std::vector<Elf64_Phdr>& segments, uint64_t address, uint64_t size) {
  for (const Elf64_Phdr& s : segments)
    if (s.p_type == PT_LOAD && address >= s.p_vaddr && address - s.p_vaddr < s.p_filesz &&
        size <= s.p_filesz - (address - s.p_vaddr))
      return s.p_offset + (address - s.p_vaddr);
  throw core::BadInput("has a damaged dynamic section");
}

std::string text_at(const std::string& strings, uint64_t place) {
  const size_t end = place < strings.size() ? strings.find('\0', place) : std::string::npos;
  if (end == std::string::npos) throw core::BadInput("has a damaged dynamic section");
  return strings.substr(place, end - place);
}

}  // namespace

Dynamic read_dynamic(const ElfFile& file) {
  const std::vector<Elf64_Phdr> segments = file.segments();
  std::vector<Elf64_Dyn> entries;
  for (const Elf64_Phdr& segment : segments) {
    if (segment.p_type != PT_DYNAMIC) continue;
    const uint64_t count = segment.p_filesz / sizeof(Elf64_Dyn);
    if (count > most_entries) throw core::BadInput("has a damaged dynamic section");
    for (uint64_t i = 0; i < count; ++i) {
      entries.push_back(file.read<Elf64_Dyn>(segment.p_offset + i * sizeof(Elf64_Dyn)));
      if (entries.back().d_tag == DT_NULL) break;
    }
  }
  uint64_t table = 0, size = 0;
  for (const Elf64_Dyn& entry : entries) {
    if (entry.d_tag == DT_STRTAB) table = entry.d_un.d_ptr;
    if (entry.d_tag == DT_STRSZ) size = entry.d_un.d_val;
  }
  if (size > most_strings) throw core::BadInput("has a damaged dynamic section");
  const std::string strings = size == 0 ? "" : file.bytes(file_offset(segments, table, size), size);
  Dynamic dynamic;
  for (const Elf64_Dyn& entry : entries) {
    if (entry.d_tag == DT_NEEDED) dynamic.needed.push_back(text_at(strings, entry.d_un.d_val));
    if (entry.d_tag == DT_RPATH) dynamic.rpath = text_at(strings, entry.d_un.d_val);
    if (entry.d_tag == DT_RUNPATH) dynamic.runpath = text_at(strings, entry.d_un.d_val);
    if (entry.d_tag == DT_FILTER || entry.d_tag == DT_AUXILIARY) dynamic.filters = true;
  }
  return dynamic;
}

}  // namespace assay::catalog
