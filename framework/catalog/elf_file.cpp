#include "elf_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "core/errors.hpp"

namespace assay::catalog {

ElfFile::ElfFile(const std::string& path) : file_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) {
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

std::string ElfFile::bytes(uint64_t offset, uint64_t count) const {
  if (offset > size_ || count > size_ - offset) throw core::BadInput("is truncated or damaged");
  std::string result(count, '\0');
  if (pread(file_.get(), result.data(), count, static_cast<off_t>(offset)) != static_cast<ssize_t>(count))
    throw core::BadInput("cannot be read to its end");
  return result;
}

std::vector<Elf64_Phdr> ElfFile::segments() const {
  if (header_.e_phentsize != sizeof(Elf64_Phdr)) throw core::BadInput("has damaged program headers");
  std::vector<Elf64_Phdr> list;
  for (unsigned i = 0; i < header_.e_phnum; ++i) {
    const auto segment = read<Elf64_Phdr>(header_.e_phoff + uint64_t{i} * sizeof(Elf64_Phdr));
    const bool matters = segment.p_type == PT_NOTE || segment.p_type == PT_LOAD || segment.p_type == PT_DYNAMIC;
    if (matters && (segment.p_offset > size_ || segment.p_filesz > size_ - segment.p_offset))
      throw core::BadInput("is truncated or damaged");
    list.push_back(segment);
  }
  return list;
}

}  // namespace assay::catalog
