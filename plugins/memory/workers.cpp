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
}

Workers::~Workers() {
  if (topology_ != nullptr) hwloc_topology_destroy(topology_);
}

void Workers::pin(int worker) const {
  if (topology_ == nullptr) return;
  hwloc_bitmap_t set = hwloc_bitmap_alloc();
  hwloc_bitmap_only(set, processors_[static_cast<size_t>(worker)]);
  hwloc_set_cpubind(topology_, set, HWLOC_CPUBIND_THREAD);  // where it is refused, the scheduler chooses
  hwloc_bitmap_free(set);
}

void Workers::run(const std::function<void(int worker)>& work) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count(); ++i) {
    try {
      threads.emplace_back([&, i] {
        pin(i);
        work(i);
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
