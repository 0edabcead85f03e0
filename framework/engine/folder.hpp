// A folder that somebody else filled: walked through and removed, however deep and wide it is, without following links.
#pragma once

#include <dirent.h>
#include <fcntl.h>

#include <memory>
#include <string>

#include "core/unique_fd.hpp"

namespace assay::engine {

/// Gives the name of each entry to `take`, in no order, until that says false.
template <class Take>
void each_entry(int folder, Take take) {
  const int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(again < 0 ? nullptr : fdopendir(again), &closedir);
  if (!stream) return;
  while (const dirent* entry = readdir(stream.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != ".." && !take(name)) return;
  }
}

/// Removes the folder (or whatever it is) of that name below `parent`, with everything in it. True when it is gone.
/// Needs as many descriptors and as much stack for a thousand levels as for one, and leaves off where somebody moves
/// things meanwhile.
bool remove_below(int parent, const std::string& name);

}  // namespace assay::engine
