// Calls that can hang in Linux, where no signal reaches them, made in a process apart: a dying disk must not stop the
// host.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/unique_fd.hpp"

namespace assay::core {

/// What the work brought: a text (64 KiB at most), and a descriptor if it opened one.
struct Brought {
  std::string text;
  UniqueFd fd;
};

/// A child process at work, with a socket (SOCK_SEQPACKET) between it and the host, which never waits for it. The work
/// may open, read, write and allocate; all descriptors of the host but those in `keep` are closed for it, output goes
/// nowhere, what it throws ends it, and it ends with the host. Whatever is still at work at the end of the scope is
/// killed, and left behind if it cannot be.
class Apart {
 public:
  /// No process could be made: socket() is -1. Not for a thread beside others that hold locks.
  explicit Apart(const std::function<void(int socket)>& work, const std::vector<int>& keep = {});
  ~Apart();
  Apart(const Apart&) = delete;
  Apart& operator=(const Apart&) = delete;

  /// Can be read when something has come, or when it has ended.
  int socket() const { return socket_.get(); }

 private:
  pid_t child_ = -1;
  UniqueFd socket_;
};

/// For the work of an Apart: sends what it brought. False when nobody takes it.
bool send_brought(int socket, const Brought& brought);
/// What an Apart sent, without waiting; nothing when it ended without a word.
std::optional<Brought> receive_brought(int socket);

/// Does `work` in a child process and waits for it `seconds` at most, or until `wake` (a descriptor; -1: none) can be
/// read. Nothing when it did not come back.
std::optional<Brought> do_apart(double seconds, const std::function<Brought()>& work, int wake = -1);

/// A child of an Apart, at work or left behind: nobody else's business.
bool is_left_behind(pid_t child);

}  // namespace assay::core
