#include <unistd.h>

#include <system_error>
#include <thread>

#include "hostile.hpp"
HOSTILE_RUN {
  while (true) {
    try {
      std::thread([] {
        while (true) pause();
      }).detach();
    } catch (const std::system_error&) {
      usleep(1000);
    }
  }
}
