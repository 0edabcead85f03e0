#include "pool.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <fstream>

namespace memory {
namespace {

int64_t now_ns() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * int64_t{1'000'000'000} + time.tv_nsec;
}

/// A number in a file of a control group; all ones where there is none, or no limit ("max").
uint64_t group_number(const std::string& path) {
  uint64_t value = 0;
  return std::ifstream(path) >> value ? value : UINT64_MAX;
}

/// Files that the group has read and Linux can forget at once.
uint64_t forgettable(const std::string& folder) {
  uint64_t sum = 0, value = 0;
  std::ifstream file(folder + "/memory.stat");
  for (std::string key; file >> key >> value;)
    if (key == "active_file" || key == "inactive_file") sum += value;
  return sum;
}

/// Files of a control group's folder: the limits, and what is used.
struct GroupFiles {
  std::array<const char*, 2> limits;
  const char* use;
};
/// Version 2: beyond `max` comes the OOM killer; beyond `high` every new page waits for others to be given back, and
/// locked memory is not given back, so that a test would hang (cgroup-v2.rst).
const GroupFiles version_2{{"/memory.max", "/memory.high"}, "/memory.current"};
/// Version 1: its soft limit holds nobody up.
const GroupFiles version_1{{"/memory.limit_in_bytes", nullptr}, "/memory.usage_in_bytes"};

/// Lowers both to what a group and those above it leave.
void apply_groups(const std::string& mount, std::string group, const GroupFiles& files, Amounts& amounts) {
  while (!group.empty()) {
    const std::string folder = mount + group;
    uint64_t most = UINT64_MAX;
    for (const char* limit : files.limits)
      if (limit != nullptr) most = std::min(most, group_number(folder + limit));
    const uint64_t used = group_number(folder + files.use);
    if (most != UINT64_MAX && used != UINT64_MAX) {
      const uint64_t kept = used - std::min(used, forgettable(folder));
      amounts.available = std::min(amounts.available, most > kept ? most - kept : 0);
      amounts.total = std::min(amounts.total, most);
    }
    group = group == "/" ? "" : group.substr(0, std::max<size_t>(1, group.rfind('/')));
  }
}

/// Version 2 and version 1 of control groups (cgroups(7)): "0::/PATH", and "N:memory:/PATH". Where both are mounted,
/// version 2 lies in a folder beside the others.
void apply_control_groups(const std::string& root, Amounts& amounts) {
  std::ifstream file(root + "/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    const size_t first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",",
                      group = line.substr(second + 1);
    if (controllers == ",,") {
      for (const char* mount : {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"})
        apply_groups(root + mount, group, version_2, amounts);
    } else if (controllers.find(",memory,") != std::string::npos) {
      apply_groups(root + "/sys/fs/cgroup/memory", group, version_1, amounts);
    }
  }
}

}  // namespace

Amounts amounts(const std::string& root) {
  Amounts result;
  std::ifstream file(root + "/proc/meminfo");
  unsigned long long kib = 0;
  for (std::string line; std::getline(file, line);) {
    if (std::sscanf(line.c_str(), "MemTotal: %llu", &kib) == 1) result.total = kib << 10;
    if (std::sscanf(line.c_str(), "MemAvailable: %llu", &kib) == 1) result.available = kib << 10;
  }
  apply_control_groups(root, result);
  return result;
}

Pool::Pool(const Workers& workers, double share, size_t piece_bytes) : workers_(workers), piece_bytes_(piece_bytes) {
  const Amounts now = amounts();
  reserve_ = std::max<uint64_t>(uint64_t{256} << 20, now.total / 20);
  const auto wanted = static_cast<uint64_t>(static_cast<double>(now.available) * share);
  budget_ = std::min(wanted, now.available > reserve_ ? now.available - reserve_ : 0);
  // On a small machine a piece must not be all there is, and every worker wants one.
  const auto parts = 2 * static_cast<uint64_t>(workers.count());
  piece_bytes_ = std::max<size_t>(size_t{2} << 20, std::min<size_t>(piece_bytes, budget_ / parts) >> 21 << 21);
}

Pool::~Pool() { give_back(); }

Piece Pool::take(int worker) {
  {
    const std::lock_guard guard(lock_);
    if (claimed_ + piece_bytes_ > budget_ || amounts().available < reserve_ + pending_ + piece_bytes_) return {};
    claimed_ += piece_bytes_;
    pending_ += piece_bytes_;
  }
  const int64_t start = now_ns();
  void* place = mmap(nullptr, piece_bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (place == MAP_FAILED) {
    const std::lock_guard guard(lock_);
    pending_ -= piece_bytes_;
    claimed_ -= piece_bytes_;
    return {};
  }
  madvise(place, piece_bytes_, MADV_HUGEPAGE);
  workers_.place_near(worker, place, piece_bytes_);
  if (mlock(place, piece_bytes_) != 0) {
    all_locked_ = false;
    madvise(place, piece_bytes_, MADV_POPULATE_WRITE);  // present at least; an old kernel does it at the first write
  }
  const std::lock_guard guard(lock_);
  pending_ -= piece_bytes_;
  locking_ns_ += now_ns() - start;
  took_any_ = true;
  pieces_.push_back({static_cast<uint64_t*>(place), piece_bytes_ / 64});
  most_bytes_ = std::max<uint64_t>(most_bytes_, pieces_.size() * piece_bytes_);
  return pieces_.back();
}

void Pool::give_back() {
  for (const Piece& piece : pieces_) munmap(piece.words, piece.bytes());
  pieces_.clear();
  claimed_ = 0;
}

}  // namespace memory
