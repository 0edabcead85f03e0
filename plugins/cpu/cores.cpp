#include "cores.hpp"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <stdexcept>
#include <system_error>
#include <thread>

namespace cpu {

std::vector<int> usable_cores() {
  std::vector<int> cores;
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return cores;
  for (unsigned core = 0; core < CPU_SETSIZE; ++core)
    if (CPU_ISSET(core, &allowed)) cores.push_back(static_cast<int>(core));
  return cores;
}

bool pin_to(int core) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<unsigned>(core), &one);
  return pthread_setaffinity_np(pthread_self(), sizeof one, &one) == 0;
}

void run_on(const std::vector<int>& cores, const std::function<void(size_t)>& work) {
  // Nobody begins before all are there: otherwise one would wait for another that never comes.
  std::atomic<int> go{0};
  std::atomic<bool> pinned{true};
  std::vector<std::thread> threads;
  std::string trouble;
  for (size_t place = 0; place < cores.size() && trouble.empty(); ++place) {
    try {
      threads.emplace_back([&, place] {
        if (!pin_to(cores[place])) pinned = false;
        go.wait(0);
        if (go > 0) work(place);
      });
    } catch (const std::system_error& error) {
      trouble = error.what();
    }
  }
  go = trouble.empty() ? 1 : -1;
  go.notify_all();
  for (std::thread& thread : threads) thread.join();
  if (!trouble.empty()) throw std::runtime_error("no thread for each core: " + trouble);
  if (!pinned) throw std::runtime_error("a thread could not be kept on its core");
}

Vote vote(const std::vector<std::string>& values) {
  std::map<std::string, size_t> counts;
  for (const std::string& value : values) ++counts[value];
  Vote result;
  if (counts.size() <= 1) return result;
  const auto most =
      std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  const auto as_many =
      std::count_if(counts.begin(), counts.end(), [&](const auto& entry) { return entry.second == most->second; });
  result.decided = most->second >= 2 && as_many == 1;
  for (size_t place = 0; place < values.size(); ++place)
    if (!result.decided || values[place] != most->first) result.outvoted.push_back(place);
  return result;
}

}  // namespace cpu
