#include "inventory/content.hpp"

#include <blkid/blkid.h>
#include <endian.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "core/text.hpp"

namespace assay::inventory {
namespace {

using Probe = std::unique_ptr<blkid_struct_probe, decltype(&blkid_free_probe)>;

/// libblkid and pread(2) into any buffer need the page cache; what was in it leaves it at the beginning, what was read
/// at the end: each look is at the device.
class Buffered {
 public:
  explicit Buffered(int fd) : fd_(fd), flags_(fcntl(fd, F_GETFL)) {
    fcntl(fd_, F_SETFL, flags_ & ~O_DIRECT);
    posix_fadvise(fd_, 0, 0, POSIX_FADV_DONTNEED);
    posix_fadvise(fd_, 0, 0, POSIX_FADV_RANDOM);
  }
  ~Buffered() {
    posix_fadvise(fd_, 0, 0, POSIX_FADV_NORMAL);
    posix_fadvise(fd_, 0, 0, POSIX_FADV_DONTNEED);
    fcntl(fd_, F_SETFL, flags_);
  }
  Buffered(const Buffered&) = delete;
  Buffered& operator=(const Buffered&) = delete;

 private:
  int fd_, flags_;
};

std::string value_of(const Probe& probe, const char* name) {
  const char* value = nullptr;
  return blkid_probe_lookup_value(probe.get(), name, &value, nullptr) == 0 ? core::safe_text(value, 40) : "";
}

/// libblkid counts some of them among the file systems.
bool is_member(const std::string& type, const std::string& usage) {
  for (const char* other : {"bcache", "ceph_bluestore", "drbd", "DM_snapshot_cow", "stratis"})
    if (type == other) return true;
  return usage == "raid" || usage == "crypto" || type.find("_member") != std::string::npos;
}

constexpr size_t most_marks = 128, most_words = 1000;

/// The bytes of one piece; fewer at the end, none where it cannot be read.
std::string piece_at(int fd, uint64_t offset, size_t size) {
  std::string bytes(size, '\0');
  const ssize_t got = pread(fd, bytes.data(), size, static_cast<off_t>(offset));
  bytes.resize(got < 0 ? 0 : static_cast<size_t>(got));
  return bytes;
}

/// Of a btrfs: how many devices it lies on (its superblock, at 64 KiB, has the number at byte 136).
uint64_t devices_of_btrfs(int fd, uint64_t offset) {
  uint64_t count = 1;
  const std::string bytes = piece_at(fd, offset + (64 << 10) + 136, sizeof count);
  if (bytes.size() == sizeof count) std::memcpy(&count, bytes.data(), sizeof count);
  return le64toh(count);
}

/// What was found, with its UUID and the 4 KiB that it was known by.
void mark(Content& content, int fd, uint64_t at, const std::string& what) {
  if (content.marks.size() < most_marks)
    content.marks.push_back(core::sha256(what + "\n" + piece_at(fd, at & ~uint64_t{4095}, 4096)).substr(0, 12));
}

void add(Content& content, const std::string& what, bool member) {
  if (content.what.size() < most_words) content.what += (content.what.empty() ? "" : ", ") + what;
  content.kind = member || content.kind == Content::Kind::member ? Content::Kind::member : Content::Kind::data;
}

/// False when it cannot be read.
bool find_formats(int fd, uint64_t offset, uint64_t bytes, const std::string& where, bool tables, Content& content) {
  const Probe probe(blkid_new_probe(), &blkid_free_probe);
  if (!probe ||
      blkid_probe_set_device(probe.get(), fd, static_cast<blkid_loff_t>(offset), static_cast<blkid_loff_t>(bytes)) != 0)
    return false;
  blkid_probe_enable_superblocks(probe.get(), 1);
  blkid_probe_set_superblocks_flags(probe.get(),
                                    BLKID_SUBLKS_TYPE | BLKID_SUBLKS_USAGE | BLKID_SUBLKS_UUID | BLKID_SUBLKS_MAGIC);
  blkid_probe_enable_partitions(probe.get(), tables ? 1 : 0);
  const int found = blkid_do_safeprobe(probe.get());
  if (found == -2) {
    add(content, "signatures of several formats at once" + where, false);
    mark(content, fd, offset, "several" + where);
  }
  if (found == -1) return false;
  if (found != 0) return true;
  if (const std::string type = value_of(probe, "TYPE"); !type.empty()) {
    const uint64_t devices = type == "btrfs" ? devices_of_btrfs(fd, offset) : 1;
    add(content, "format " + type + (devices > 1 ? " over " + std::to_string(devices) + " devices" : "") + where,
        devices > 1 || is_member(type, value_of(probe, "USAGE")));
    mark(content, fd, offset + std::strtoull(value_of(probe, "SBMAGIC_OFFSET").c_str(), nullptr, 10),
         type + " " + value_of(probe, "UUID") + where);
  }
  if (const std::string table = value_of(probe, "PTTYPE"); !table.empty()) {
    add(content, "a partition table (" + table + ")", false);
    mark(content, fd, offset, table + " " + value_of(probe, "PTUUID"));
  }
  return true;
}

bool find_in_partitions(int fd, uint64_t bytes, Content& content) {
  const Probe probe(blkid_new_probe(), &blkid_free_probe);
  if (!probe || blkid_probe_set_device(probe.get(), fd, 0, static_cast<blkid_loff_t>(bytes)) != 0) return false;
  blkid_probe_enable_partitions(probe.get(), 1);
  const blkid_partlist list = blkid_probe_get_partitions(probe.get());
  bool readable = true;
  for (int i = 0; list != nullptr && i < std::min(blkid_partlist_numof_partitions(list), 128); ++i) {
    const blkid_partition part = blkid_partlist_get_partition(list, i);
    const auto start = static_cast<uint64_t>(blkid_partition_get_start(part)) * 512;
    const auto size = static_cast<uint64_t>(blkid_partition_get_size(part)) * 512;
    if (start >= bytes || size == 0) continue;
    readable = find_formats(fd, start, std::min(size, bytes - start),
                            " (partition " + std::to_string(blkid_partition_get_partno(part)) + ")", false, content) &&
               readable;
  }
  return readable;
}

constexpr uint64_t piece = 64 << 10, mib = 1 << 20;

/// Of the first and the last MiB; empty where a part of them cannot be read.
std::string digest_of(int fd, uint64_t bytes) {
  std::string hashes;
  const uint64_t tail = bytes - std::min(bytes, mib);
  for (const uint64_t begin : {uint64_t{0}, tail})
    for (uint64_t at = begin; at < std::min(begin + mib, bytes); at += piece) {
      const uint64_t size = std::min(piece, bytes - at);
      const std::string read = piece_at(fd, at, size);
      if (read.size() != size) return "";
      hashes += core::sha256(read);
    }
  return core::sha256(hashes);
}

/// Where samples are taken: all of the first MiB, thick at the beginning, where data usually lie, thinner further on,
/// and the very end.
std::vector<uint64_t> places(uint64_t bytes) {
  std::vector<uint64_t> offsets;
  const uint64_t last = bytes - std::min(bytes, piece);
  const auto up_to = [&](uint64_t begin, uint64_t end, uint64_t step) {
    for (uint64_t at = begin; at < std::min(end, last); at += step) offsets.push_back(at);
  };
  up_to(0, mib, piece);
  up_to(mib, 256 * mib, mib);
  up_to(256 * mib, 2048 * mib, 8 * mib);
  up_to(2048 * mib, 16384 * mib, 64 * mib);
  up_to(16384 * mib, last, std::max(64 * mib, bytes / 512));
  offsets.push_back(last);
  return offsets;
}

/// A file says where it has data at all: the beginnings of its extents.
std::vector<uint64_t> extents(int fd, uint64_t bytes) {
  std::vector<uint64_t> offsets;
  off_t at = 0;
  while (offsets.size() < 4096 && (at = lseek(fd, at, SEEK_DATA)) >= 0) {
    offsets.push_back(std::min(static_cast<uint64_t>(at), bytes - std::min(bytes, piece)));
    at = lseek(fd, at, SEEK_HOLE);
    if (at < 0) break;
  }
  lseek(fd, 0, SEEK_SET);
  return offsets;
}

enum class Sample { blank, filled, unreadable };

/// Blank is all zeros or, as in erased flash, all ones.
Sample sample(int fd, uint64_t offset, std::vector<char>& buffer) {
  const ssize_t got = pread(fd, buffer.data(), buffer.size(), static_cast<off_t>(offset));
  if (got <= 0) return Sample::unreadable;
  const char first = buffer[0];
  const bool uniform = std::all_of(buffer.begin(), buffer.begin() + got, [&](char c) { return c == first; });
  return uniform && (first == '\0' || first == '\xFF') ? Sample::blank : Sample::filled;
}

}  // namespace

Content content_of(int fd, uint64_t bytes) {
  if (bytes == 0) return {Content::Kind::empty, "", {}, ""};
  const Buffered buffered(fd);
  Content content;
  content.kind = Content::Kind::empty;
  content.digest = digest_of(fd, bytes);
  bool readable = find_formats(fd, 0, bytes, "", true, content);
  readable = find_in_partitions(fd, bytes, content) && readable;
  if (content.kind != Content::Kind::empty) return content;
  std::vector<char> buffer(static_cast<size_t>(std::min(bytes, piece)));
  std::vector<uint64_t> looked_at = places(bytes);
  struct stat status {};
  if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
    for (const uint64_t offset : extents(fd, bytes)) looked_at.push_back(offset);
  for (const uint64_t offset : looked_at) {
    const Sample seen = sample(fd, offset, buffer);
    if (seen == Sample::filled) {
      add(content, "data of no known format", false);
      return content;
    }
    readable = readable && seen == Sample::blank;
  }
  if (!readable) content.kind = Content::Kind::unknown, content.what = "parts that cannot be read";
  return content;
}

}  // namespace assay::inventory
