#include "folder.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

namespace assay::engine {
namespace {

using core::UniqueFd;

/// A folder of another's may be closed to its own owner.
UniqueFd open_closed(int parent, const std::string& name) {
  constexpr int how = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  struct stat status {};
  if (fstatat(parent, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode) &&
      (status.st_mode & S_IRWXU) != S_IRWXU)
    fchmodat(parent, name.c_str(), 0700, 0);
  return UniqueFd(openat(parent, name.c_str(), how));
}

bool is_gone(int parent, const std::string& name) {
  struct stat status {};
  return fstatat(parent, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT;
}

/// The names of what could not be removed as a file: folders.
std::vector<std::string> remove_files(int folder) {
  std::vector<std::string> folders;
  each_entry(folder, [&](const std::string& name) {
    if (unlinkat(folder, name.c_str(), 0) != 0 && errno != ENOENT) folders.push_back(name);
    return true;
  });
  return folders;
}

}  // namespace

bool remove_below(int parent, const std::string& name) {
  if (unlinkat(parent, name.c_str(), 0) == 0) return true;
  const UniqueFd top = open_closed(parent, name);
  if (!top) return is_gone(parent, name);
  // What lies deeper is lifted to the top, level by level.
  unsigned lifted = 0;
  for (bool any = true; any;) {
    any = false;
    for (const std::string& below : remove_files(top.get())) {
      const UniqueFd folder = open_closed(top.get(), below);
      if (!folder) continue;
      for (const std::string& deeper : remove_files(folder.get())) {
        open_closed(folder.get(), deeper);
        for (int attempt = 0; attempt < 1000; ++attempt)
          if (renameat(folder.get(), deeper.c_str(), top.get(), std::to_string(lifted++).c_str()) == 0) break;
      }
      if (unlinkat(top.get(), below.c_str(), AT_REMOVEDIR) == 0) any = true;
    }
  }
  return unlinkat(parent, name.c_str(), AT_REMOVEDIR) == 0;
}

}  // namespace assay::engine
