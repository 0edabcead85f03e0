#include "catalog/elf_note.hpp"

#include "core/errors.hpp"
#include "elf_file.hpp"

namespace assay::catalog {
namespace {

constexpr size_t most_manifest = 1 << 20;
constexpr size_t most_notes = 1000;  // a linker makes a handful
constexpr uint32_t manifest_type = 1;
constexpr char owner[] = "assay";

std::string find_note(const ElfFile& file, const Elf64_Phdr& segment) {
  const uint64_t end = segment.p_offset + segment.p_filesz;
  const uint64_t alignment = segment.p_align == 8 ? 8 : 4;
  const auto padded = [&](uint64_t size) { return (size + alignment - 1) / alignment * alignment; };
  size_t notes = 0;
  for (uint64_t at = segment.p_offset; end - at >= sizeof(Elf64_Nhdr);) {
    if (++notes > most_notes) throw core::BadInput("has too many notes; it is damaged");
    const auto note = file.read<Elf64_Nhdr>(at);
    // Padding counts from the segment's start, which is aligned.
    const auto aligned = [&](uint64_t place) { return segment.p_offset + padded(place - segment.p_offset); };
    const uint64_t name = at + sizeof note, text = aligned(name + note.n_namesz), next = aligned(text + note.n_descsz);
    if (note.n_namesz > end - name || text > end || note.n_descsz > end - text)
      throw core::BadInput("has a manifest note that is cut off");
    if (note.n_type == manifest_type && note.n_namesz == sizeof owner &&
        file.bytes(name, sizeof owner) == std::string(owner, sizeof owner)) {
      if (note.n_descsz > most_manifest) throw core::BadInput("has a manifest of over 1 MiB");
      return file.bytes(text, note.n_descsz);
    }
    if (next >= end) break;
    at = next;
  }
  return {};
}

}  // namespace

std::string read_manifest_note(const std::string& path) {
  const ElfFile file(path);
  for (const Elf64_Phdr& segment : file.segments()) {
    if (segment.p_type != PT_NOTE) continue;
    if (auto text = find_note(file, segment); !text.empty()) return text;
  }
  throw core::BadInput("carries no Assay manifest; is it a plugin?");
}

}  // namespace assay::catalog
