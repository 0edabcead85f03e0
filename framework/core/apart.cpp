#include "core/apart.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <set>

#include "core/clock.hpp"

namespace assay::core {
namespace {

constexpr size_t most_text = 4096;

/// One message: the text, and the descriptor beside it.
bool send_brought(int socket, const Brought& brought) {
  std::string text = brought.text.substr(0, most_text);
  text += '\0';  // an empty message would look like an end
  iovec part{text.data(), text.size()};
  alignas(cmsghdr) char room[CMSG_SPACE(sizeof(int))]{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (brought.fd) {
    message.msg_control = room;
    message.msg_controllen = sizeof room;
    cmsghdr* beside = CMSG_FIRSTHDR(&message);
    beside->cmsg_level = SOL_SOCKET;
    beside->cmsg_type = SCM_RIGHTS;
    beside->cmsg_len = CMSG_LEN(sizeof(int));
    const int fd = brought.fd.get();
    std::memcpy(CMSG_DATA(beside), &fd, sizeof fd);
  }
  return sendmsg(socket, &message, MSG_NOSIGNAL) > 0;
}

std::optional<Brought> receive_brought(int socket) {
  char text[most_text + 1];
  iovec part{text, sizeof text};
  alignas(cmsghdr) char room[CMSG_SPACE(sizeof(int))]{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = room;
  message.msg_controllen = sizeof room;
  const ssize_t got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  if (got <= 0) return std::nullopt;
  Brought brought{std::string(text, static_cast<size_t>(got) - 1), {}};
  const cmsghdr* beside = CMSG_FIRSTHDR(&message);
  if (beside != nullptr && beside->cmsg_type == SCM_RIGHTS) {
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(beside), sizeof fd);
    brought.fd.reset(fd);
  }
  return brought;
}

std::set<pid_t>& left_behind() {
  static std::set<pid_t> children;
  return children;
}

/// What hangs must not hold the host's journal, or the pipe behind its output.
void let_go_of_the_host(int socket) {
  const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) dup2(nothing, standard);
  const auto number = static_cast<unsigned>(socket);
  if (number > 3) close_range(3, number - 1, 0);
  close_range(number + 1, ~0U, 0);
}

[[noreturn]] void be_the_child(int socket, const std::function<Brought()>& work) noexcept {
  let_go_of_the_host(socket);
  try {
    _exit(send_brought(socket, work()) ? 0 : 1);
  } catch (...) {
    _exit(2);
  }
}

}  // namespace

bool is_left_behind(pid_t child) { return left_behind().count(child) > 0; }

std::optional<Brought> do_apart(double seconds, const std::function<Brought()>& work, int wake) {
  for (auto child = left_behind().begin(); child != left_behind().end();)
    child = waitpid(*child, nullptr, WNOHANG) == *child ? left_behind().erase(child) : std::next(child);
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return std::nullopt;
  const UniqueFd ours(ends[0]);
  UniqueFd theirs(ends[1]);
  const pid_t child = fork();
  if (child < 0) return std::nullopt;
  if (child == 0) be_the_child(theirs.get(), work);
  theirs.reset();
  const int64_t end = monotonic_ns() + static_cast<int64_t>(seconds * 1e9);
  pollfd sources[] = {{ours.get(), POLLIN, 0}, {wake, POLLIN, 0}};
  int ready = 0;
  do {
    const int64_t left = (end - monotonic_ns()) / 1'000'000;
    ready = poll(sources, 2, left < 0 ? 0 : static_cast<int>(left));
  } while (ready < 0 && errno == EINTR);
  std::optional<Brought> brought = sources[0].revents != 0 ? receive_brought(ours.get()) : std::nullopt;
  if (!brought) kill(child, SIGKILL);
  for (int look = 0; look < 100; ++look) {
    if (waitpid(child, nullptr, WNOHANG) == child) return brought;
    usleep(1000);
  }
  left_behind().insert(child);
  return brought;
}

}  // namespace assay::core
