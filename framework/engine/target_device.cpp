#include "target_device.hpp"

#include <fcntl.h>

#include <cerrno>
#include <cstring>

namespace assay::engine {
namespace {

TargetDevice refused(const std::string& path) {
  const char* category = errno == EACCES || errno == EPERM   ? "no-permission"
                         : errno == ENOENT || errno == ENXIO ? "absent"
                                                             : "not-supported";
  return {{}, category, path + " cannot be opened: " + std::strerror(errno)};
}

}  // namespace

TargetDevice open_target(const core::Target& target, catalog::Effect effect) {
  const std::string path = target.attribute("path");
  if (path.empty() || target.stand_in) return {};
  const int access = effect == catalog::Effect::destructive ? O_RDWR | O_EXCL : O_RDONLY;
  core::UniqueFd fd(open(path.c_str(), access | O_DIRECT | O_CLOEXEC));
  if (!fd && errno == EINVAL) fd.reset(open(path.c_str(), access | O_CLOEXEC));  // some file systems know no O_DIRECT
  if (!fd) return refused(path);
  return {std::move(fd), "", ""};
}

}  // namespace assay::engine
