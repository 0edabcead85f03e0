#include "spawn.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "core/errors.hpp"

namespace assay::runner {
namespace {

/// One way to start it, from the most that can be had to the least.
struct Way {
  const char* name;
  uint64_t flags;
};

constexpr uint64_t own_spaces = CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNS;

std::vector<Way> ways(bool own_network) {
  const uint64_t network = own_network ? CLONE_NEWNET : 0;
  if (geteuid() == 0)
    return {{"namespaces", own_spaces | network}, {"namespaces-but-network", own_spaces}, {"plain", 0}};
  // An ordinary user has the right to the others in a user namespace only.
  return {{"user-namespace", own_spaces | network | CLONE_NEWUSER},
          {"user-namespace-but-network", own_spaces | CLONE_NEWUSER},
          {"plain", 0}};
}

// From here on to exec() only what is safe in a child that shares the memory: system calls on what was made before.

bool write_text(const char* path, const char* text) {
  const int file = open(path, O_WRONLY | O_CLOEXEC);
  const auto length = static_cast<ssize_t>(std::strlen(text));
  const bool good = file >= 0 && write(file, text, std::strlen(text)) == length;
  if (file >= 0) close(file);
  return good;
}

/// In a new user namespace: the same user and group as outside; and exec() must not take the capabilities there away,
/// which it does unless they are ambient.
bool settle_in_user_namespace(const char* uid_map, const char* gid_map) {
  if (!write_text("/proc/self/setgroups", "deny") || !write_text("/proc/self/uid_map", uid_map) ||
      !write_text("/proc/self/gid_map", gid_map))
    return false;
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> sets{};
  if (syscall(SYS_capget, &header, sets.data()) != 0) return false;
  for (auto& set : sets) set.inheritable = set.permitted;
  if (syscall(SYS_capset, &header, sets.data()) != 0) return false;
  for (unsigned long capability = 0; capability <= CAP_LAST_CAP; ++capability)
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0);
  return true;
}

void give(const Start& start) {
  for (const auto& [here, there] : start.given) {
    if (here < 0)
      close(there);
    else
      dup2(here, there);
  }
  close_range(static_cast<unsigned>(start.first_free_fd), ~0U, CLOSE_RANGE_CLOEXEC);
  for (const auto& [here, there] : start.given)
    if (here >= 0 && there >= start.first_free_fd) fcntl(there, F_SETFD, 0);
}

/// What the new process gets; it shares the caller's memory until it becomes another program.
struct Birth {
  const Start& start;
  const Way& way;
  char* const* environment;
  const char *uid_map, *gid_map;
  int fault = 0;
};

int become(void* given) {
  Birth& birth = *static_cast<Birth*>(given);
  setsid();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (int number = 1; number < NSIG; ++number) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  if ((birth.way.flags & CLONE_NEWUSER) == 0 || settle_in_user_namespace(birth.uid_map, birth.gid_map)) {
    give(birth.start);
    const char* program = birth.start.program.c_str();
    char* const arguments[] = {const_cast<char*>(program), const_cast<char*>(birth.way.name), nullptr};
    execve(program, arguments, birth.environment);
  }
  birth.fault = errno;
  _exit(127);
}

/// As posix_spawn() does it, but for what that has no word for: the namespaces and the descriptor.
Started give_birth(Birth& birth) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  alignas(64) static thread_local std::array<char, 64 * 1024> stack;
  int pidfd = -1;
  const int flags = static_cast<int>(birth.way.flags | CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD);
  const pid_t pid = clone(become, stack.data() + stack.size(), flags, &birth, &pidfd);
  if (pid < 0) birth.fault = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return {pid, core::UniqueFd(pid < 0 ? -1 : pidfd)};
}

}  // namespace

Started spawn_apart(const Start& start) {
  std::vector<char*> environment;
  for (const std::string& entry : start.environment) environment.push_back(const_cast<char*>(entry.c_str()));
  environment.push_back(nullptr);
  char uid_map[48], gid_map[48];
  std::snprintf(uid_map, sizeof uid_map, "%u %u 1", geteuid(), geteuid());
  std::snprintf(gid_map, sizeof gid_map, "%u %u 1", getegid(), getegid());
  int fault = 0;
  for (const Way& way : ways(start.own_network)) {
    Birth birth{start, way, environment.data(), uid_map, gid_map};
    Started started = give_birth(birth);
    if (birth.fault == 0) return started;
    fault = birth.fault;
    if (started.pid > 0) waitpid(started.pid, nullptr, 0);
  }
  throw core::Trouble(start.program + " cannot be started: " + std::strerror(fault));
}

}  // namespace assay::runner
