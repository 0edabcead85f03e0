#include "opening.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace assay::engine {
namespace {

/// A copy of the mount that a path lies in, with that path as its root; none where this system does not allow it.
core::UniqueFd mount_of_its_own(const std::string& path) {
  return core::UniqueFd(open_tree(AT_FDCWD, path.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
}

/// No device is opened in it from now on, and nothing changed.
bool close_to_writers(int mount) {
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOSUID;
  return mount_setattr(mount, "", AT_EMPTY_PATH, &attributes, sizeof attributes) == 0;
}

}  // namespace

TargetDevice refused(const std::string& category, const std::string& reason) { return {{}, category, reason}; }

TargetDevice not_opened(const std::string& what) {
  const int fault = errno;
  const bool gone = fault == ENOENT || fault == ENXIO || fault == ENODEV || fault == ENOMEDIUM;
  const bool cannot = fault == EROFS || fault == EOPNOTSUPP || fault == EINVAL || fault == ENOTDIR || fault == EISDIR;
  const char* category = fault == EACCES || fault == EPERM    ? "no-permission"
                         : gone                               ? "gone"  // it was there when the run was planned
                         : fault == EBUSY                     ? "refused"
                         : fault == ENOSPC || fault == EDQUOT ? "no-space"
                         : cannot                             ? "not-supported"
                                                              : "no-answer";
  return refused(category, what + ": " + std::strerror(fault));
}

core::UniqueFd open_direct(const std::string& path, int flags) {
  core::UniqueFd fd(::open(path.c_str(), flags | O_DIRECT | O_CLOEXEC, 0600));
  if (!fd && errno == EINVAL) fd.reset(::open(path.c_str(), flags | O_CLOEXEC, 0600));
  return fd;
}

TargetDevice open_for_reading(const std::string& path) {
  if (const core::UniqueFd mount = mount_of_its_own(path)) {
    core::UniqueFd fd = open_direct("/proc/self/fd/" + std::to_string(mount.get()), O_RDONLY);
    if (fd && close_to_writers(mount.get())) return {std::move(fd), "", ""};
  }
  core::UniqueFd fd = open_direct(path, O_RDONLY);
  if (!fd) return not_opened(path + " cannot be opened");
  return {std::move(fd), "", ""};
}

}  // namespace assay::engine
