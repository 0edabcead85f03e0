// The user's wish to stop, as a descriptor that a poll loop can wait for.
#pragma once

#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>

#include "core/unique_fd.hpp"

namespace assay::engine {

/// SIGINT and SIGTERM as something to read; the mask is put back at the end.
class StopSignals {
 public:
  StopSignals() {
    sigset_t wanted;
    sigemptyset(&wanted);
    for (const int signal : {SIGINT, SIGTERM}) sigaddset(&wanted, signal);
    sigprocmask(SIG_BLOCK, &wanted, &before_);
    fd_.reset(signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
  }
  ~StopSignals() { sigprocmask(SIG_SETMASK, &before_, nullptr); }
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  int fd() const { return fd_.get(); }
  int take() const {
    int count = 0;
    for (signalfd_siginfo info; read(fd_.get(), &info, sizeof info) == sizeof info;) ++count;
    return count;
  }

 private:
  core::UniqueFd fd_;
  sigset_t before_{};
};

}  // namespace assay::engine
