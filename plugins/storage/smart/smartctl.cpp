#include "smart/smartctl.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>

extern char** environ;

namespace smart {
namespace {

constexpr size_t most_bytes = size_t{16} << 20;

double now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// Root's PATH often lacks the folders for the administrator's programs.
std::string find_program() {
  std::string folders = "/usr/sbin:/sbin:/usr/bin:/bin";
  if (const char* path = getenv("PATH"); path != nullptr) folders = std::string(path) + ":" + folders;
  for (size_t start = 0; start < folders.size();) {
    const size_t end = std::min(folders.find(':', start), folders.size());
    const std::string program = folders.substr(start, end - start) + "/smartctl";
    if (program[0] == '/' && access(program.c_str(), X_OK) == 0) return program;
    start = end + 1;
  }
  return {};
}

/// Reads until the other end closes; false when it took too long or was stopped.
bool read_all(int fd, double end, const std::function<bool()>& should_stop, std::string& text) {
  char block[65536];
  while (true) {
    pollfd ready{fd, POLLIN, 0};
    const int count = poll(&ready, 1, 100);
    if (now() > end || (should_stop && should_stop())) return false;
    if (count <= 0) continue;
    const ssize_t got = read(fd, block, sizeof block);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return true;
    if (text.size() < most_bytes) text.append(block, static_cast<size_t>(got));
  }
}

}  // namespace

std::vector<std::string> reading_arguments(const std::string& device) { return {"--json", "-x", device}; }

Output run_smartctl(const std::vector<std::string>& arguments, double seconds,
                    const std::function<bool()>& should_stop) {
  Output output;
  std::string program = find_program();
  if (program.empty()) {
    output.missing = true;
    output.problem = "smartctl is not installed (Debian's package smartmontools)";
    return output;
  }
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return output.problem = std::strerror(errno), output;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  std::vector<std::string> words = arguments;
  words.insert(words.begin(), program);
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  pid_t pid = -1;
  const int fault = posix_spawn(&pid, program.c_str(), &actions, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (fault != 0) {
    close(ends[0]);
    return output.problem = program + " cannot be started: " + std::strerror(fault), output;
  }
  if (!read_all(ends[0], now() + seconds, should_stop, output.text)) {
    output.problem = "smartctl did not come to an end: the drive does not answer";
    kill(pid, SIGKILL);
  }
  close(ends[0]);
  // A process that waits for a dead drive cannot be killed: it is left to whoever adopts it.
  for (int i = 0; i < 100 && waitpid(pid, nullptr, WNOHANG) == 0; ++i) usleep(10'000);
  return output;
}

}  // namespace smart
