#include "core/apart.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <set>

#include "core/clock.hpp"

namespace assay::core {
namespace {

constexpr size_t most_text = 64 * 1024;

}  // namespace

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
  std::string text(most_text + 1, '\0');
  iovec part{text.data(), text.size()};
  alignas(cmsghdr) char room[CMSG_SPACE(sizeof(int))]{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = room;
  message.msg_controllen = sizeof room;
  const ssize_t got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  if (got <= 0) return std::nullopt;
  text.resize(static_cast<size_t>(got) - 1);
  Brought brought{std::move(text), {}};
  const cmsghdr* beside = CMSG_FIRSTHDR(&message);
  if (beside != nullptr && beside->cmsg_type == SCM_RIGHTS) {
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(beside), sizeof fd);
    brought.fd.reset(fd);
  }
  return brought;
}

namespace {

struct Children {
  std::set<pid_t> at_work, left_behind;
};
Children& children() {
  static Children all;
  return all;
}

/// What hangs must not hold the host's journal, or the pipe behind its output.
void let_go_of_the_host(int socket, std::vector<int> keep) {
  const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) dup2(nothing, standard);
  keep.push_back(socket);
  std::sort(keep.begin(), keep.end());
  unsigned first = 3;
  for (const int fd : keep) {
    const auto number = static_cast<unsigned>(fd);
    if (number > first) close_range(first, number - 1, 0);
    first = std::max(first, number + 1);
  }
  close_range(first, ~0U, 0);
}

[[noreturn]] void be_the_child(int socket, const std::vector<int>& keep,
                               const std::function<void(int)>& work) noexcept {
  let_go_of_the_host(socket, keep);
  try {
    work(socket);
    _exit(0);
  } catch (...) {
    _exit(2);
  }
}

/// Those that were left behind and have ended meanwhile.
void reap_left_behind() {
  std::set<pid_t>& left = children().left_behind;
  for (auto child = left.begin(); child != left.end();)
    child = waitpid(*child, nullptr, WNOHANG) == 0 ? std::next(child) : left.erase(child);
}

}  // namespace

bool is_left_behind(pid_t child) {
  return children().at_work.count(child) > 0 || children().left_behind.count(child) > 0;
}

Apart::Apart(const std::function<void(int)>& work, const std::vector<int>& keep) {
  reap_left_behind();
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return;
  UniqueFd ours(ends[0]), theirs(ends[1]);
  const pid_t host = getpid();
  child_ = fork();
  if (child_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != host) _exit(1);
    be_the_child(theirs.get(), keep, work);
  }
  if (child_ < 0) return;
  children().at_work.insert(child_);
  socket_ = std::move(ours);
}

Apart::~Apart() {
  if (child_ <= 0) return;
  kill(child_, SIGKILL);
  children().at_work.erase(child_);
  for (int look = 0; look < 500; ++look) {
    if (waitpid(child_, nullptr, WNOHANG) != 0) return;
    usleep(200);
  }
  children().left_behind.insert(child_);
}

std::optional<Brought> do_apart(double seconds, const std::function<Brought()>& work, int wake) {
  const Apart child([&](int socket) { send_brought(socket, work()); });
  if (child.socket() < 0) return std::nullopt;
  const int64_t end = monotonic_ns() + static_cast<int64_t>(seconds * 1e9);
  pollfd sources[] = {{child.socket(), POLLIN, 0}, {wake, POLLIN, 0}};
  int ready = 0;
  do {
    const int64_t left = (end - monotonic_ns()) / 1'000'000;
    ready = poll(sources, 2, left < 0 ? 0 : static_cast<int>(left));
  } while (ready < 0 && errno == EINTR);
  return sources[0].revents != 0 ? receive_brought(child.socket()) : std::nullopt;
}

}  // namespace assay::core
