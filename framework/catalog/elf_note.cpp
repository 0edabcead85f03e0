#include "catalog/elf_note.hpp"

#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "core/errors.hpp"
#include "core/unique_fd.hpp"

namespace assay::catalog {
namespace {

constexpr size_t most_manifest = 1 << 20;
constexpr size_t most_notes = 1000;  // a linker makes a handful
constexpr uint32_t manifest_type = 1;
constexpr char owner[] = "assay";

class Elf {
 public:
  explicit Elf(const std::string& path) : file_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) {
    if (!file_) throw core::BadInput(std::string("cannot be opened: ") + std::strerror(errno));
    struct stat status {};
    if (fstat(file_.get(), &status) != 0 || !S_ISREG(status.st_mode)) throw core::BadInput("is not a regular file");
    size_ = static_cast<uint64_t>(status.st_size);
    header_ = read<Elf64_Ehdr>(0);
    if (std::memcmp(header_.e_ident, ELFMAG, SELFMAG) != 0) throw core::BadInput("is not an ELF file");
    if (header_.e_ident[EI_CLASS] != ELFCLASS64) throw core::BadInput("is not 64-bit; Assay needs a 64-bit plugin");
    if (header_.e_ident[EI_DATA] != ELFDATA2LSB || header_.e_machine != EM_X86_64)
      throw core::BadInput("is made for another kind of processor");
    if (header_.e_type != ET_DYN) throw core::BadInput("is not a shared object");
  }

  std::string manifest() {
    if (header_.e_phentsize != sizeof(Elf64_Phdr)) throw core::BadInput("has damaged program headers");
    for (unsigned i = 0; i < header_.e_phnum; ++i) {
      const auto segment = read<Elf64_Phdr>(header_.e_phoff + uint64_t{i} * sizeof(Elf64_Phdr));
      if (segment.p_type != PT_NOTE) continue;
      if (auto text = find_note(segment); !text.empty()) return text;
    }
    throw core::BadInput("carries no Assay manifest; is it a plugin?");
  }

 private:
  std::string bytes(uint64_t offset, uint64_t count) const {
    if (offset > size_ || count > size_ - offset) throw core::BadInput("is truncated or damaged");
    std::string result(count, '\0');
    if (pread(file_.get(), result.data(), count, static_cast<off_t>(offset)) != static_cast<ssize_t>(count))
      throw core::BadInput("cannot be read");
    return result;
  }

  template <class Struct>
  Struct read(uint64_t offset) const {
    Struct result;
    const std::string raw = bytes(offset, sizeof result);
    std::memcpy(&result, raw.data(), sizeof result);
    return result;
  }

  std::string find_note(const Elf64_Phdr& segment) {
    if (segment.p_offset > size_ || segment.p_filesz > size_ - segment.p_offset)
      throw core::BadInput("is truncated or damaged");
    const uint64_t end = segment.p_offset + segment.p_filesz;
    const uint64_t alignment = segment.p_align == 8 ? 8 : 4;
    const auto padded = [&](uint64_t size) { return (size + alignment - 1) / alignment * alignment; };
    for (uint64_t at = segment.p_offset; end - at >= sizeof(Elf64_Nhdr);) {
      if (++notes_ > most_notes) throw core::BadInput("has too many notes; it is damaged");
      const auto note = read<Elf64_Nhdr>(at);
      // Padding counts from the segment's start, which is aligned.
      const auto aligned = [&](uint64_t place) { return segment.p_offset + padded(place - segment.p_offset); };
      const uint64_t name = at + sizeof note, text = aligned(name + note.n_namesz),
                     next = aligned(text + note.n_descsz);
      if (note.n_namesz > end - name || text > end || note.n_descsz > end - text)
        throw core::BadInput("has a manifest note that is cut off");
      if (note.n_type == manifest_type && note.n_namesz == sizeof owner &&
          bytes(name, sizeof owner) == std::string(owner, sizeof owner)) {
        if (note.n_descsz > most_manifest) throw core::BadInput("has a manifest of over 1 MiB");
        return bytes(text, note.n_descsz);
      }
      if (next >= end) break;
      at = next;
    }
    return {};
  }

  core::UniqueFd file_;
  uint64_t size_ = 0;
  size_t notes_ = 0;
  Elf64_Ehdr header_{};
};

}  // namespace

std::string read_manifest_note(const std::string& path) { return Elf(path).manifest(); }

}  // namespace assay::catalog
