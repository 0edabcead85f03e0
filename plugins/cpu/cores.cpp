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
  constexpr unsigned most = 8192;  // what Linux can be built for
  cpu_set_t* allowed = CPU_ALLOC(most);
  const size_t size = CPU_ALLOC_SIZE(most);
  const bool known = allowed != nullptr && sched_getaffinity(0, size, allowed) == 0;
  for (unsigned core = 0; known && core < most; ++core)
    if (CPU_ISSET_S(core, size, allowed)) cores.push_back(static_cast<int>(core));
  CPU_FREE(allowed);
  if (cores.empty()) throw std::runtime_error("Linux does not say which cores this process may use");
  return cores;
}

bool pin_to(int core) {
  const auto number = static_cast<unsigned>(core);
  cpu_set_t* one = CPU_ALLOC(number + 1);
  const size_t size = CPU_ALLOC_SIZE(number + 1);
  if (one == nullptr) return false;
  CPU_ZERO_S(size, one);
  CPU_SET_S(number, size, one);
  const bool pinned = pthread_setaffinity_np(pthread_self(), size, one) == 0;
  CPU_FREE(one);
  return pinned;
}

void run_on(const std::vector<int>& cores, const std::function<void(size_t, Stay&)>& work) {
  // On hundreds of cores the usual eight megabytes for each stack would be more than a test may have.
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, size_t{1} << 20);
  pthread_setattr_default_np(&attributes);
  pthread_attr_destroy(&attributes);
  // Nobody begins before all are there: otherwise one would wait for another that never comes.
  std::atomic<int> go{0};
  std::atomic<int> gone{-1};
  std::vector<std::thread> threads;
  std::string trouble;
  for (size_t place = 0; place < cores.size() && trouble.empty(); ++place) {
    try {
      threads.emplace_back([&, place] {
        // They could all be used when the test began.
        if (!pin_to(cores[place])) gone = cores[place];
        go.wait(0);
        if (go < 0) return;
        Stay stay(cores[place]);
        work(place, stay);
        if (!stay.kept()) gone = cores[place];
      });
    } catch (const std::system_error& error) {
      trouble = error.what();
    }
  }
  go = trouble.empty() ? 1 : -1;
  go.notify_all();
  for (std::thread& thread : threads) thread.join();
  if (!trouble.empty()) throw std::runtime_error("no thread for each core: " + trouble);
  if (gone >= 0) throw CoreGone(gone);
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

Blame blame(const std::vector<std::string>& values, const std::function<std::vector<std::string>()>& again) {
  const Vote verdict = vote(values);
  Blame result{verdict.outvoted, 0, 0, verdict.decided, false};
  if (verdict.outvoted.empty()) return result;
  if (!verdict.decided) {
    std::vector<bool> differs(values.size());
    for (int i = 0; i < 5; ++i) {
      const std::vector<std::string> repeated = again();
      for (size_t place = 0; place < values.size(); ++place)
        if (repeated[place] != values[place]) differs[place] = true;
    }
    const auto inconsistent = static_cast<size_t>(std::count(differs.begin(), differs.end(), true));
    if (inconsistent > 0 && inconsistent < values.size()) {
      result.decided = result.by_repeat = true;
      result.wrong.clear();
      for (size_t place = 0; place < values.size(); ++place)
        if (differs[place]) result.wrong.push_back(place);
    }
  }
  const auto is_wrong = [&](size_t place) {
    return std::find(result.wrong.begin(), result.wrong.end(), place) != result.wrong.end();
  };
  while (result.decided && is_wrong(result.sound)) ++result.sound;
  while (result.example + 1 < values.size() && values[result.example] == values[result.sound]) ++result.example;
  return result;
}

}  // namespace cpu
