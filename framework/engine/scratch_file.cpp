// The file of a test that writes into free space.
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>

#include "inventory/block_use.hpp"
#include "opening.hpp"

namespace assay::engine {
namespace {

/// Of a file system, so much stays free whatever a test asks for.
constexpr double reserve = 0.1;
constexpr uint64_t least_scratch = 1 << 20;

/// A file that has no name, or none any more: it vanishes with its last descriptor, whatever happens. O_EXCL: nor can
/// whoever has it give it one.
core::UniqueFd nameless_file(const std::string& folder) {
  core::UniqueFd fd = open_direct(folder, O_TMPFILE | O_EXCL | O_RDWR);
  if (fd || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT)) return fd;
  uint64_t number = 0;
  if (getrandom(&number, sizeof number, 0) != sizeof number) return {};
  const std::string path = folder + "/.assay-" + std::to_string(number);
  fd = open_direct(path, O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR);
  if (fd) unlink(path.c_str());
  return fd;
}

}  // namespace

TargetDevice open_scratch(const inventory::SystemRoot& root, const core::Target& target) {
  const std::string path = target.attribute("path");
  const bool named = !target.attribute("folder").empty();
  const inventory::WritableFolder found =
      named ? inventory::WritableFolder{path, 0} : inventory::writable_folder(root, path);
  if (found.path.empty()) return refused("absent", "no file system on " + path + " is mounted for writing");
  // Which folder it is stays out of the record: its name can be a person's.
  const std::string place = named ? path : "the file system on " + path;
  core::UniqueFd fd = nameless_file(found.path);
  if (!fd) return not_opened("no file can be made in " + place);
  struct stat status {};
  if (fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode) || status.st_nlink != 0)
    return refused("refused", "no file without a name can be made in " + place + ": it would be left behind");
  // Another file system can have been mounted over it.
  struct statx mount {};
  if (found.mount_id != 0 && statx(fd.get(), "", AT_EMPTY_PATH, STATX_MNT_ID, &mount) == 0 &&
      (mount.stx_mask & STATX_MNT_ID) != 0 && mount.stx_mnt_id != found.mount_id)
    return refused("refused", "another file system is mounted over that on " + path);
  struct statvfs space {};
  if (fstatvfs(fd.get(), &space) != 0) return not_opened("the free space of " + place + " is not known");
  const auto free = static_cast<double>(space.f_bavail) * static_cast<double>(space.f_frsize),
             kept = reserve * static_cast<double>(space.f_blocks) * static_cast<double>(space.f_frsize);
  if (free - kept < static_cast<double>(least_scratch))
    return refused("no-space", "too little space is free in " + place + ": a tenth of it is left alone");
  return {std::move(fd), "", "", static_cast<uint64_t>(free - kept)};
}

}  // namespace assay::engine
