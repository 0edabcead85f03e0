// Starts a program in namespaces of its own, as far as Linux lets this user.
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "core/unique_fd.hpp"

namespace assay::runner {

struct Start {
  std::string program;                     // a path
  std::vector<std::string> environment;    // all of it
  std::vector<std::pair<int, int>> given;  // descriptor here, and its number there; here -1: closed there
  int first_free_fd = 3;                   // from this number on nothing else is inherited
  bool own_network = true;
};

struct Started {
  pid_t pid = -1;
  core::UniqueFd pidfd;
};

/// Leader of a session without a terminal, first process of its namespaces (process ids, System V and POSIX messages,
/// host name, mounts, network), with every signal at its default; it dies with the thread that started it. The
/// program's only argument says how far that went: "namespaces", "user-namespace" (with all capabilities in a user
/// namespace of its own), either with "-but-network", or "plain" where Linux gives none. Throws core::Trouble when it
/// cannot be started.
Started spawn_apart(const Start& start);

}  // namespace assay::runner
