// assay-runner: loads one plugin, runs one trial, and leaves. Started by the host only (see spec.hpp for what it
// inherits). Its first process puts up the fence and waits; the second is the trial.
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "confine.hpp"
#include "cores.hpp"
#include "keeper.hpp"
#include "trial.hpp"

namespace assay::runner {
namespace {

Spec read_spec() {
  std::string text;
  char buffer[4096];
  for (ssize_t got; (got = read(spec_fd, buffer, sizeof buffer)) > 0;) text.append(buffer, static_cast<size_t>(got));
  close(spec_fd);
  return decode_spec(text);
}

Shared& map_shared() {
  void* place = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED, shared_fd, 0);
  if (place == MAP_FAILED) throw std::runtime_error("the shared block cannot be mapped");
  close(shared_fd);
  return *static_cast<Shared*>(place);
}

/// The host may have died before this process asked to die with it: then nobody reads any more.
bool host_is_gone() {
  pollfd channel{frames_fd, 0, 0};
  return poll(&channel, 1, 0) == 1 && (channel.revents & POLLERR) != 0;
}

[[noreturn]] void run(const std::string& way) {
  const Spec spec = read_spec();
  Shared& shared = map_shared();
  if (host_is_gone()) _exit(1);
  signal(SIGTERM, SIG_IGN);  // what asks to end is meant for the trial
  if (spec.core >= 0 && !pin_to_core(spec.core))
    throw std::runtime_error("core " + std::to_string(spec.core) + " cannot be used");
  Fence fence = fence_surroundings(spec, way);
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);  // nobody looks into the first process; the second changes its user
  const pid_t trial = fork();
  if (trial < 0) throw std::runtime_error("Linux starts no further process");
  if (trial > 0) keep(trial, fence);
  close(ending_fd);
  if (fence.carry_to >= 0) close(fence.carry_to);
  signal(SIGTERM, SIG_DFL);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);  // a file that may not grow further: the write fails with EFBIG
  fence_in(spec, fence);
  try_plugin(spec, shared, fence);
}

}  // namespace
}  // namespace assay::runner

int main(int count, char** arguments) {
  if (count != 2 || getenv("ASSAY_TRIAL") == nullptr) {
    std::fputs("assay-runner is started by assay; see `assay --help`.\n", stderr);
    return 2;
  }
  try {
    assay::runner::run(arguments[1]);
  } catch (const std::exception& error) {
    assay::runner::give_up(std::string("runner: ") + error.what());
  }
}
