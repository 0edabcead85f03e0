// One worker for each processor that this process may use, pinned to it through hwloc, and its memory close by.
#pragma once

#include <hwloc.h>

#include <atomic>
#include <functional>
#include <vector>

namespace memory {

class Workers {
 public:
  Workers();
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  int count() const { return static_cast<int>(processors_.size()); }
  /// Runs `work(worker)` on all of them at once and waits. With fewer threads than processors where no more can be had.
  void run(const std::function<void(int worker)>& work);
  /// Asks that this range, not yet touched, be taken from the worker's own NUMA node first.
  void place_near(int worker, void* address, size_t bytes) const;
  /// Bytes of the largest cache that one of them has; 0 if not known.
  uint64_t largest_cache() const;
  /// A processor that was taken away while a worker was pinned to it (offline, cpuset, taskset); -1: none. Linux moves
  /// the worker to another one then, and says nothing.
  int lost_processor() const { return lost_; }

 private:
  bool pin(int worker) const;
  bool still_pinned(int worker) const;
  hwloc_topology_t topology_ = nullptr;
  std::vector<unsigned> processors_;  // by the operating system's number
  std::vector<char> pinned_;          // by worker: it was, at least once
  std::atomic<int> lost_{-1};
};

}  // namespace memory
