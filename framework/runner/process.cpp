#include "runner/process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <csignal>

#include <cstring>
#include <vector>

#include "core/errors.hpp"

extern char** environ;

namespace assay::runner {
namespace {

using core::Trouble;
using core::UniqueFd;

/// A second descriptor, out of the way of the numbers that the runner's descriptors get.
UniqueFd copy_above_inherited(int fd) {
  UniqueFd copy(fcntl(fd, F_DUPFD_CLOEXEC, first_free_fd + 9));
  if (!copy) throw Trouble(std::string("no file descriptor left: ") + std::strerror(errno));
  return copy;
}
UniqueFd above_inherited(const UniqueFd& fd) { return copy_above_inherited(fd.get()); }

struct Pipe {
  UniqueFd read_end, write_end;
  Pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw Trouble(std::string("no pipe: ") + std::strerror(errno));
    read_end.reset(ends[0]);
    write_end.reset(ends[1]);
    read_end = above_inherited(read_end);
    write_end = above_inherited(write_end);
    fcntl(read_end.get(), F_SETFL, O_NONBLOCK);
  }
};

UniqueFd spec_file(const Spec& spec) {
  const std::string text = encode(spec);
  UniqueFd file(memfd_create("assay-spec", MFD_CLOEXEC));
  if (!file || write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
      lseek(file.get(), 0, SEEK_SET) != 0)
    throw Trouble("no memory for a trial's description");
  return above_inherited(file);
}

/// posix_spawn's attributes and actions, freed at the end of the scope.
struct SpawnPlan {
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t actions;
  SpawnPlan() {
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_init(&actions);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~SpawnPlan() {
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  void give(const UniqueFd& fd, int number) { posix_spawn_file_actions_adddup2(&actions, fd.get(), number); }
  /// What the host itself has under that number must not reach a plugin.
  void give_or_close(const UniqueFd& fd, int number) {
    fd ? give(fd, number) : static_cast<void>(posix_spawn_file_actions_addclose(&actions, number));
  }
};

}  // namespace

Process Process::start(const std::string& runner, const Spec& spec, const Handed& handed, const std::string& trial_id) {
  Process process;
  Pipe frames, output, errors;
  const UniqueFd description = spec_file(spec);
  const UniqueFd shared = copy_above_inherited(process.shared_.fd());
  const UniqueFd folder = copy_above_inherited(handed.artifacts);
  const UniqueFd kept = handed.kept < 0 ? UniqueFd() : copy_above_inherited(handed.kept);
  const UniqueFd device = handed.device < 0 ? UniqueFd() : copy_above_inherited(handed.device);

  SpawnPlan plan;
  posix_spawn_file_actions_addopen(&plan.actions, 0, "/dev/null", O_RDONLY, 0);
  plan.give(output.write_end, 1);
  plan.give(errors.write_end, 2);
  plan.give(description, spec_fd);
  plan.give(frames.write_end, frames_fd);
  plan.give(shared, shared_fd);
  plan.give(folder, artifacts_fd);
  plan.give_or_close(kept, kept_fd);
  plan.give_or_close(device, device_fd);
  posix_spawn_file_actions_addclosefrom_np(&plan.actions, first_free_fd);

  std::string mark = "ASSAY_TRIAL=" + trial_id;
  std::vector<char*> environment{mark.data()};
  for (char** entry = environ; *entry != nullptr; ++entry) environment.push_back(*entry);
  environment.push_back(nullptr);
  std::string program = runner;
  char* arguments[] = {program.data(), nullptr};
  const int fault =
      posix_spawn(&process.pid_, program.c_str(), &plan.actions, &plan.attributes, arguments, environment.data());
  if (fault != 0) throw Trouble(runner + " cannot be started: " + std::strerror(fault));
  process.pidfd_.reset(static_cast<int>(syscall(SYS_pidfd_open, process.pid_, 0)));
  if (!process.pidfd_) {
    process.signal_group(SIGKILL);
    throw Trouble(std::string("no descriptor for a started runner: ") + std::strerror(errno));
  }
  process.frames_ = std::move(frames.read_end);
  process.output_ = std::move(output.read_end);
  process.errors_ = std::move(errors.read_end);
  return process;
}

void Process::signal_group(int signal) const {
  if (pid_ > 1) kill(-pid_, signal);
}

}  // namespace assay::runner
