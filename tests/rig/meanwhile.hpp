// Something that happens while a test runs.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace assay::test {

/// Does `act` once `when` is true, on a thread of its own; gives up at the end of the scope.
class Meanwhile {
 public:
  Meanwhile(const std::function<bool()>& when, const std::function<void()>& act)
      : thread_([this, when, act] {
          while (!over_) {
            if (when()) return act();
            std::this_thread::yield();
          }
        }) {}
  ~Meanwhile() {
    over_ = true;
    thread_.join();
  }
  Meanwhile(const Meanwhile&) = delete;
  Meanwhile& operator=(const Meanwhile&) = delete;

 private:
  std::atomic<bool> over_{false};
  std::thread thread_;
};

}  // namespace assay::test
