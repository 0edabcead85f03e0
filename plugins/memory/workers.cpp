#include "workers.hpp"

#include <sched.h>

#include <algorithm>
#include <system_error>
#include <thread>

namespace memory {

Workers::Workers() {
  if (hwloc_topology_init(&topology_) == 0) {
    hwloc_topology_set_flags(topology_, HWLOC_TOPOLOGY_FLAG_RESTRICT_TO_CPUBINDING);
    hwloc_topology_load(topology_);
  }
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0)
    for (unsigned cpu = 0; cpu < CPU_SETSIZE; ++cpu)
      if (CPU_ISSET(cpu, &allowed)) processors_.push_back(cpu);
  if (processors_.empty()) processors_.push_back(0);
  pinned_.resize(processors_.size());
}

Workers::~Workers() {
  if (topology_ != nullptr) hwloc_topology_destroy(topology_);
}

bool Workers::pin(int worker) const {
  if (topology_ == nullptr) return false;
  hwloc_bitmap_t set = hwloc_bitmap_alloc();
  hwloc_bitmap_only(set, processors_[static_cast<size_t>(worker)]);
  const bool pinned = hwloc_set_cpubind(topology_, set, HWLOC_CPUBIND_THREAD) == 0;
  hwloc_bitmap_free(set);
  return pinned;
}

/// For the worker's own thread. A processor that is offline is in nobody's set.
bool Workers::still_pinned(int worker) const {
  hwloc_bitmap_t set = hwloc_bitmap_alloc();
  const unsigned processor = processors_[static_cast<size_t>(worker)];
  const bool told = hwloc_get_cpubind(topology_, set, HWLOC_CPUBIND_THREAD) == 0;
  const bool only = hwloc_bitmap_isset(set, processor) != 0 && hwloc_bitmap_weight(set) == 1;
  hwloc_bitmap_free(set);
  return !told || (only && sched_getcpu() == static_cast<int>(processor));
}

void Workers::run(const std::function<void(int worker)>& work) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count(); ++i) {
    try {
      threads.emplace_back([&, i] {
        const auto place = static_cast<size_t>(i);
        const bool pinned = pin(i);
        // Where it is refused from the start, the scheduler chooses.
        if (!pinned && pinned_[place] != 0) lost_ = static_cast<int>(processors_[place]);
        if (pinned) pinned_[place] = 1;
        work(i);
        if (pinned && !still_pinned(i)) lost_ = static_cast<int>(processors_[place]);
      });
    } catch (const std::system_error&) {
      break;
    }
  }
  if (threads.empty()) work(0);
  for (std::thread& thread : threads) thread.join();
}

void Workers::place_near(int worker, void* address, size_t bytes) const {
  if (topology_ == nullptr || hwloc_get_nbobjs_by_type(topology_, HWLOC_OBJ_NUMANODE) < 2) return;
  const hwloc_obj_t processor = hwloc_get_pu_obj_by_os_index(topology_, processors_[static_cast<size_t>(worker)]);
  if (processor != nullptr)
    hwloc_set_area_membind(topology_, address, bytes, processor->nodeset, HWLOC_MEMBIND_BIND, HWLOC_MEMBIND_BYNODESET);
}

uint64_t Workers::largest_cache() const {
  uint64_t largest = 0;
  if (topology_ == nullptr) return 0;
  for (const hwloc_obj_type_t type : {HWLOC_OBJ_L2CACHE, HWLOC_OBJ_L3CACHE, HWLOC_OBJ_L4CACHE})
    for (hwloc_obj_t cache = nullptr; (cache = hwloc_get_next_obj_by_type(topology_, type, cache)) != nullptr;)
      largest = std::max<uint64_t>(largest, cache->attr->cache.size);
  return largest;
}

}  // namespace memory
