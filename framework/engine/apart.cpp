#include "apart.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "core/clock.hpp"
#include "orphans.hpp"

namespace assay::engine {
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

}  // namespace

std::optional<Brought> do_apart(double seconds, const std::function<Brought()>& work) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return std::nullopt;
  const core::UniqueFd ours(ends[0]);
  core::UniqueFd theirs(ends[1]);
  const pid_t child = fork();
  if (child < 0) return std::nullopt;
  if (child == 0) {
    const bool sent = send_brought(theirs.get(), work());
    _exit(sent ? 0 : 1);
  }
  theirs.reset();
  expect_runner(child);  // no orphan of a trial
  const int64_t end = core::monotonic_ns() + static_cast<int64_t>(seconds * 1e9);
  pollfd answer{ours.get(), POLLIN, 0};
  int ready = 0;
  do {
    const int64_t left = (end - core::monotonic_ns()) / 1'000'000;
    ready = poll(&answer, 1, left < 0 ? 0 : static_cast<int>(left));
  } while (ready < 0 && errno == EINTR);
  std::optional<Brought> brought = ready > 0 ? receive_brought(ours.get()) : std::nullopt;
  if (ready <= 0) kill(child, SIGKILL);
  for (int look = 0; look < 100; ++look) {
    if (waitpid(child, nullptr, WNOHANG) == child) {
      forget_runner(child);
      break;
    }
    usleep(1000);
  }
  return brought;
}

}  // namespace assay::engine
