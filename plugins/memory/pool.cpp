#include "pool.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace memory {

Amounts amounts() {
  Amounts result;
  std::FILE* file = std::fopen("/proc/meminfo", "re");
  if (file == nullptr) return result;
  char line[128];
  unsigned long long kib = 0;
  while (std::fgets(line, sizeof line, file) != nullptr) {
    if (std::sscanf(line, "MemTotal: %llu", &kib) == 1) result.total = kib << 10;
    if (std::sscanf(line, "MemAvailable: %llu", &kib) == 1) result.available = kib << 10;
  }
  std::fclose(file);
  return result;
}

Pool::Pool(double share, size_t piece_bytes) : piece_bytes_(piece_bytes) {
  const Amounts now = amounts();
  reserve_ = std::max<uint64_t>(uint64_t{256} << 20, now.total / 20);
  const auto wanted = static_cast<uint64_t>(static_cast<double>(now.available) * share);
  budget_ = std::min(wanted, now.available > reserve_ ? now.available - reserve_ : 0);
  // On a small machine a piece must not be all there is.
  piece_bytes_ = std::max<size_t>(size_t{1} << 20, std::min<size_t>(piece_bytes, budget_ / 4) >> 20 << 20);
}

Pool::~Pool() {
  for (const Piece& piece : pieces_) munmap(piece.words, piece.count * sizeof(uint64_t));
}

Piece Pool::take() {
  const std::lock_guard guard(lock_);
  if ((pieces_.size() + 1) * piece_bytes_ > budget_ || amounts().available < reserve_ + piece_bytes_) return {};
  void* place = mmap(nullptr, piece_bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (place == MAP_FAILED) return {};
  madvise(place, piece_bytes_, MADV_HUGEPAGE);
  pieces_.push_back({static_cast<uint64_t*>(place), piece_bytes_ / sizeof(uint64_t)});
  return pieces_.back();
}

std::vector<Piece> Pool::taken() const {
  const std::lock_guard guard(lock_);
  return pieces_;
}

uint64_t Pool::bytes() const {
  const std::lock_guard guard(lock_);
  return pieces_.size() * piece_bytes_;
}

uint64_t physical_address(const void* address) {
  const int file = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  const auto page_size = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  const auto place = reinterpret_cast<uint64_t>(address);
  uint64_t entry = 0;
  const bool read =
      pread(file, &entry, sizeof entry, static_cast<off_t>(place / page_size * sizeof entry)) == sizeof entry;
  close(file);
  constexpr uint64_t frame_mask = (uint64_t{1} << 55) - 1;  // Documentation/admin-guide/mm/pagemap.rst
  const bool present = (entry >> 63) != 0;
  return read && present && (entry & frame_mask) != 0 ? (entry & frame_mask) * page_size + place % page_size : 0;
}

}  // namespace memory
