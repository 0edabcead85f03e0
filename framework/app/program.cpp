#include "program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <csignal>

#include "core/clock.hpp"
#include "core/unique_fd.hpp"

extern char** environ;

namespace assay::app {

std::optional<std::string> output_of(const std::vector<std::string>& command, double seconds, size_t most) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return std::nullopt;
  const core::UniqueFd in(ends[0]);
  core::UniqueFd out(ends[1]);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out.get(), 1);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);  // so that it can be ended with all its children
  std::vector<char*> words;
  words.reserve(command.size() + 1);
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  pid_t pid = 0;
  const int fault = posix_spawnp(&pid, words[0], &actions, &attributes, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (fault != 0) return std::nullopt;
  out.reset();
  std::string text;
  const int64_t begin = core::monotonic_ns();
  bool sound = true;
  while (sound) {
    const double left = seconds - core::seconds_since(begin);
    pollfd ready{in.get(), POLLIN, 0};
    if (left <= 0 || poll(&ready, 1, static_cast<int>(left * 1000) + 1) < 0) sound = false;
    if (!sound || ready.revents == 0) continue;
    std::array<char, 16384> buffer;
    const ssize_t got = read(in.get(), buffer.data(), buffer.size());
    if (got <= 0) break;
    text.append(buffer.data(), static_cast<size_t>(got));
    sound = text.size() <= most;
  }
  int status = 0;
  // Its output has ended; it may take its time to leave, but not more than it was given.
  while (sound && waitpid(pid, &status, WNOHANG) == 0) {
    sound = core::seconds_since(begin) < seconds;
    if (sound) poll(nullptr, 0, 2);
  }
  if (!sound) {
    kill(-pid, SIGKILL);
    waitpid(pid, &status, 0);
  }
  return sound && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? std::optional(text) : std::nullopt;
}

}  // namespace assay::app
