// The fence around a trial's process, in the order in which its parts must be put up.
#pragma once

#include <set>
#include <string>

#include "runner/spec.hpp"
#include "user.hpp"

namespace assay::runner {

struct Fence {
  std::string missing;       // what Linux did not give, by name and separated by spaces: see below
  std::string plugin;        // where the plugin's file is to be loaded from
  bool own_pids = false;     // a pid namespace of its own
  bool own_network = false;  // a network namespace of its own
  bool has_view = false;     // a file tree of its own
  User user;
  int carry_to = -1;  // the host's artifact folder, where artifacts_fd is another one: see carry.hpp
};

/// In the runner's first process: what the whole trial is in. `way` is how it was started: see spawn.hpp. Missing can
/// be "namespaces" (nothing but what holds a single process), "view" (it sees the machine's files), "proc" (it sees the
/// machine's /proc), "network" (no network of its own: it gets none).
Fence fence_surroundings(const Spec& spec, const std::string& way);

/// In the trial's process, last: limits, an unprivileged user, the files and calls that it may reach; it dies with the
/// first process and is the first to go when memory runs out. Adds to what is missing "user" (it runs as the user who
/// started Assay), "landlock", "landlock-truncate" (an old landlock), "calls". Throws std::exception where so little
/// is left that nothing would hold a plugin back.
void fence_in(const Spec& spec, Fence& fence);

/// What lies in the temporary folders now.
std::set<std::string> list_private_temp();

}  // namespace assay::runner
