// Calls that can hang in Linux, where no signal reaches them, made in a process apart: a dying disk must not stop the
// host.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/unique_fd.hpp"

namespace assay::engine {

/// What the work brought: a text, and a descriptor if it opened one.
struct Brought {
  std::string text;
  core::UniqueFd fd;
};

/// Does `work` in a child process and waits for it `seconds` at most; nothing when it did not come back (the child is
/// killed, and left behind if it cannot be). The work may open, read and allocate; it must not touch threads, locks of
/// the host, or output.
std::optional<Brought> do_apart(double seconds, const std::function<Brought()>& work);

}  // namespace assay::engine
