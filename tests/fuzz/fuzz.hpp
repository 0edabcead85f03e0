// What the fuzzed parsers share. Each file defines libFuzzer's one entry; `driver.cpp` calls the same where there is no
// libFuzzer. A parser may refuse its input in its own way (core::BadInput); anything else that leaves it is a fault.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/errors.hpp"
#include "core/unique_fd.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace assay::fuzz {

inline std::string_view text_of(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// What must hold, in builds without assertions too.
inline void require(bool holds) {
  if (!holds) std::abort();
}

/// Bytes as a file, for parsers that open theirs by name.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes) : file_(memfd_create("fuzz", MFD_CLOEXEC)) {
    require(file_ && write(file_.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
    lseek(file_.get(), 0, SEEK_SET);
  }
  int fd() const { return file_.get(); }
  std::string path() const { return "/proc/self/fd/" + std::to_string(file_.get()); }

 private:
  core::UniqueFd file_;
};

/// A folder for parsers that want one; gone at the end.
class Folder {
 public:
  Folder() { require(mkdtemp(path_.data()) != nullptr); }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_ = "/tmp/assay-fuzz-XXXXXX";
};

/// Runs a parser that may refuse.
template <class Parse>
int tried(Parse parse) {
  try {
    parse();
  } catch (const core::BadInput&) {
  }
  return 0;
}

}  // namespace assay::fuzz
