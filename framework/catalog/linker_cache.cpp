#include "linker_cache.hpp"

#include <cstdint>
#include <cstring>
#include <string_view>

#include "core/text.hpp"

namespace assay::catalog {
namespace {

constexpr std::string_view magic = "glibc-ld.so.cache1.1";
constexpr int32_t x86_64_libc6 = 0x0303;  // FLAG_X8664_LIB64 | FLAG_ELF_LIBC6

struct Header {
  char magic[20];
  uint32_t libraries, strings_bytes;
  uint8_t flags, padding[3];
  uint32_t extensions, unused[3];
};
static_assert(sizeof(Header) == 48);

struct Entry {
  int32_t flags;
  uint32_t key, value, version;
  uint64_t capabilities;
};
static_assert(sizeof(Entry) == 24);

}  // namespace

std::map<std::string, std::vector<std::string>> read_linker_cache(const std::string& file) {
  const std::string bytes = core::read_file(file).value_or("");
  const size_t start = bytes.find(magic);  // behind the old form, where both are written
  std::map<std::string, std::vector<std::string>> found;
  if (start == std::string::npos || bytes.size() - start < sizeof(Header)) return found;
  Header header{};
  std::memcpy(&header, bytes.data() + start, sizeof header);
  const size_t entries = start + sizeof(Header);
  if (header.libraries > (bytes.size() - entries) / sizeof(Entry)) return found;
  const auto text = [&](uint32_t place) {
    const size_t begin = start + place;
    const size_t end = begin < bytes.size() ? bytes.find('\0', begin) : std::string::npos;
    return end == std::string::npos ? std::string() : bytes.substr(begin, end - begin);
  };
  for (uint32_t i = 0; i < header.libraries; ++i) {
    Entry entry{};
    std::memcpy(&entry, bytes.data() + entries + i * sizeof(Entry), sizeof entry);
    if (entry.flags == x86_64_libc6) found[text(entry.key)].push_back(text(entry.value));
  }
  return found;
}

}  // namespace assay::catalog
