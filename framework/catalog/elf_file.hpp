// An ELF64 x86-64 shared object, read without trust: every offset and size is checked against the file's size.
#pragma once

#include <elf.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "core/unique_fd.hpp"

namespace assay::catalog {

/// Throws core::BadInput with the reason: not a regular file, not ELF, 32-bit, another machine, damaged.
class ElfFile {
 public:
  explicit ElfFile(const std::string& path);

  int fd() const { return file_.get(); }
  /// `count` bytes at `offset`.
  std::string bytes(uint64_t offset, uint64_t count) const;
  template <class Plain>
  Plain read(uint64_t offset) const {
    const std::string raw = bytes(offset, sizeof(Plain));
    Plain result{};
    std::memcpy(&result, raw.data(), sizeof result);
    return result;
  }
  /// All segments, in order; each lies within the file.
  std::vector<Elf64_Phdr> segments() const;

 private:
  core::UniqueFd file_;
  uint64_t size_ = 0;
  Elf64_Ehdr header_{};
};

}  // namespace assay::catalog
