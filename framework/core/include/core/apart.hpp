// Calls that can hang in Linux, where no signal reaches them, made in a process apart: a dying disk must not stop the
// host.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>

#include "core/unique_fd.hpp"

namespace assay::core {

/// What the work brought: a text, and a descriptor if it opened one.
struct Brought {
  std::string text;
  UniqueFd fd;
};

/// Does `work` in a child process and waits for it `seconds` at most, or until `wake` (a descriptor; -1: none) can be
/// read. Nothing when it did not come back: the child is killed, and left behind if it cannot be. The work may open,
/// read and allocate; all descriptors of the host but its own are closed for it, output goes nowhere, and what it
/// throws ends it.
std::optional<Brought> do_apart(double seconds, const std::function<Brought()>& work, int wake = -1);

/// A child that do_apart() could not end: nobody's business any more.
bool is_left_behind(pid_t child);

}  // namespace assay::core
