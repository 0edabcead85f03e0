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

/// A folder on the way down: which it is, and the folders in it that are still to be removed.
struct Level {
  dev_t device = 0;
  ino_t inode = 0;
  std::vector<std::string> folders;
};

Level look_into(int folder) {
  struct stat status {};
  fstat(folder, &status);
  return {status.st_dev, status.st_ino, remove_files(folder)};
}

bool is(int folder, const Level& level) {
  struct stat status {};
  return fstat(folder, &status) == 0 && status.st_dev == level.device && status.st_ino == level.inode;
}

}  // namespace

bool remove_below(int parent, const std::string& name) {
  if (unlinkat(parent, name.c_str(), 0) == 0) return true;
  UniqueFd at = open_closed(parent, name);
  if (!at) return is_gone(parent, name);
  // One descriptor, that goes down and up again.
  std::vector<Level> levels{look_into(at.get())};
  while (true) {
    std::vector<std::string>& here = levels.back().folders;
    if (!here.empty()) {
      UniqueFd below = open_closed(at.get(), here.back());
      if (!below) {
        here.pop_back();
        continue;
      }
      at = std::move(below);
      levels.push_back(look_into(at.get()));
      continue;
    }
    levels.pop_back();
    if (levels.empty()) break;
    at.reset(openat(at.get(), "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    // Somebody moved it: above may be anything.
    if (!at || !is(at.get(), levels.back())) return false;
    unlinkat(at.get(), levels.back().folders.back().c_str(), AT_REMOVEDIR);
    levels.back().folders.pop_back();
  }
  return unlinkat(parent, name.c_str(), AT_REMOVEDIR) == 0;
}

}  // namespace assay::engine
