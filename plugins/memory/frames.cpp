#include "frames.hpp"

#include <assay/plugin.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace memory {
namespace {

constexpr uint64_t page_bytes = 4096;
constexpr uint64_t most_frames = uint64_t{1} << 36;  // 256 TiB: a number beyond that is no frame

/// An entry of /proc/self/pagemap (Documentation/admin-guide/mm/pagemap.rst): bits 0 to 54 the frame, bit 63 present.
uint64_t frame_of(uint64_t entry) {
  constexpr uint64_t mask = (uint64_t{1} << 55) - 1;
  return (entry >> 63) != 0 ? entry & mask : 0;
}

/// Reads `count` entries for the pages from `address` on; gives how many could be read.
size_t read_entries(int file, uint64_t address, uint64_t* entries, size_t count) {
  const auto at = static_cast<off_t>(address / page_bytes * sizeof(uint64_t));
  const ssize_t got = pread(file, entries, count * sizeof(uint64_t), at);
  return got <= 0 ? 0 : static_cast<size_t>(got) / sizeof(uint64_t);
}

constexpr size_t header_bytes = 64;
std::string header(const std::string& boot) {
  std::string text = "frames of " + boot;
  text.resize(header_bytes, '\n');
  return text;
}

/// The host opens it where it may; the process itself sees no frame numbers there, without rights that it has given
/// away.
class PageMap {
 public:
  PageMap() : own_(handed_ ? -1 : open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC)) {}
  ~PageMap() {
    if (own_ >= 0) close(own_);
  }
  PageMap(const PageMap&) = delete;
  PageMap& operator=(const PageMap&) = delete;
  int descriptor() const { return handed_ ? handed_.descriptor() : own_; }

 private:
  assay::Pagemap handed_;
  int own_;
};

template <class Visit>
void for_each_frame(const void* address, size_t bytes, Visit visit) {
  const PageMap map;
  const int file = map.descriptor();
  if (file < 0) return;
  uint64_t entries[4096];
  for (size_t page = 0; page < bytes / page_bytes;) {
    const size_t wanted = std::min<size_t>(std::size(entries), bytes / page_bytes - page);
    const size_t got = read_entries(file, reinterpret_cast<uint64_t>(address) + page * page_bytes, entries, wanted);
    if (got == 0) break;
    for (size_t i = 0; i < got; ++i)
      if (const uint64_t frame = frame_of(entries[i]); frame != 0) visit(frame);
    page += got;
  }
}

}  // namespace

uint64_t physical_address(const void* address) {
  const PageMap map;
  const int file = map.descriptor();
  if (file < 0) return 0;
  const auto place = reinterpret_cast<uint64_t>(address);
  uint64_t entry = 0;
  const bool known = read_entries(file, place, &entry, 1) == 1 && frame_of(entry) != 0;
  return known ? frame_of(entry) * page_bytes + place % page_bytes : 0;
}

size_t Frames::add(const void* address, size_t bytes) {
  size_t added = 0;
  for_each_frame(address, bytes, [&](uint64_t frame) { added += insert(frame) ? 1 : 0; });
  return added;
}

size_t Frames::known(const void* address, size_t bytes) const {
  size_t known = 0;
  for_each_frame(address, bytes, [&](uint64_t frame) {
    known += frame / 64 < bits_.size() && (bits_[frame / 64] >> frame % 64 & 1) != 0 ? 1 : 0;
  });
  return known;
}

std::string boot_id() {
  std::string name;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> name;
  return name;
}

void Frames::add_from(int file, const std::string& boot) {
  struct stat status {};
  std::string name(header_bytes, '\0');
  if (fstat(file, &status) != 0 || pread(file, name.data(), name.size(), 0) != ssize_t{header_bytes} ||
      name != header(boot))
    return;
  const uint64_t there = (static_cast<uint64_t>(status.st_size) - header_bytes) / 8;
  const auto words = static_cast<size_t>(std::min<uint64_t>(there, most_frames / 64));
  if (words > bits_.size()) bits_.resize(words);
  uint64_t block[4096];
  for (size_t at = 0; at < words;) {
    const ssize_t got =
        pread(file, block, std::min(sizeof block, (words - at) * 8), static_cast<off_t>(header_bytes + at * 8));
    if (got < 8) break;
    for (size_t i = 0; i < static_cast<size_t>(got) / 8; ++i, ++at) {
      count_ += static_cast<size_t>(__builtin_popcountll(block[i] & ~bits_[at]));
      bits_[at] |= block[i];
    }
  }
}

void Frames::merge_with(int file, const std::string& boot) {
  flock(file, LOCK_EX);
  add_from(file, boot);
  std::string bytes = header(boot);
  bytes.append(reinterpret_cast<const char*>(bits_.data()), bits_.size() * 8);
  bool whole = ftruncate(file, static_cast<off_t>(bytes.size())) == 0;
  for (size_t at = 0; whole && at < bytes.size();) {
    const ssize_t written = pwrite(file, bytes.data() + at, bytes.size() - at, static_cast<off_t>(at));
    whole = written > 0;  // what is not kept is tested once more
    at += whole ? static_cast<size_t>(written) : 0;
  }
  flock(file, LOCK_UN);
}

std::vector<std::pair<uint64_t, uint64_t>> Frames::ranges_beyond(const Frames& other, size_t most) const {
  std::vector<std::pair<uint64_t, uint64_t>> ranges;
  for (size_t word = 0; word < bits_.size(); ++word) {
    uint64_t rest = bits_[word] & ~(word < other.bits_.size() ? other.bits_[word] : 0);
    while (rest != 0) {
      const auto bit = static_cast<unsigned>(__builtin_ctzll(rest));
      rest &= rest - 1;
      const uint64_t first = (word * 64 + bit) * page_bytes;
      if (!ranges.empty() && ranges.back().second == first) {
        ranges.back().second += page_bytes;
      } else {
        if (ranges.size() == most) return ranges;
        ranges.emplace_back(first, first + page_bytes);
      }
    }
  }
  return ranges;
}

bool Frames::insert(uint64_t frame) {
  if (frame >= most_frames) return false;
  const size_t word = frame / 64;
  if (word >= bits_.size()) bits_.resize(word + word / 8 + 1);
  const uint64_t bit = uint64_t{1} << frame % 64;
  if ((bits_[word] & bit) != 0) return false;
  bits_[word] |= bit;
  ++count_;
  return true;
}

}  // namespace memory
