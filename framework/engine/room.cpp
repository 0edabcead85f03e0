#include "room.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>

#include "artifacts.hpp"
#include "core/text.hpp"
#include "folder.hpp"

namespace assay::engine {
namespace {

constexpr uint64_t mib = uint64_t{1} << 20;
constexpr uint64_t most_little = 64 * mib, most_reserve = 16 * mib, worth_a_look = 8 * mib, files_worth_a_look = 500;
constexpr size_t most_entries = 10'000, most_weighed = 2000;
constexpr uint64_t most_bytes = 2 * ArtifactLimits{}.all_bytes;

}  // namespace

FolderUse use_of(const std::string& path) {
  FolderUse use;
  const core::UniqueFd folder(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder) return use;
  each_entry(folder.get(), [&](const std::string& name) {
    struct stat status {};
    if (++use.entries > most_weighed || fstatat(folder.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
      return use.entries <= most_entries;
    use.folders = use.folders || S_ISDIR(status.st_mode);
    use.bytes += static_cast<uint64_t>(status.st_blocks) * 512;
    return true;
  });
  return use;
}

std::string why_too_much(const FolderUse& use, bool low, uint64_t little) {
  if (use.entries > most_entries) return fmt::format("more than {} files", most_entries);
  if (use.bytes > most_bytes) return "more than " + core::format_bytes(most_bytes);
  if (low && (use.folders || use.bytes >= little))
    return core::format_bytes(use.bytes) + (use.folders ? " and more in folders" : "") + ", which fills the disk";
  return "";
}

Room::Room(const std::string& folder) : folder_(folder) {
  look();
  const uint64_t bytes = std::min(most_reserve, free_ / 16);
  const std::string path = folder + "/.reserve";
  reserve_.reset(open(folder.c_str(), O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600));
  if (!reserve_) {  // not every file system has files without a name
    unlink(path.c_str());
    reserve_.reset(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    unlink(path.c_str());
  }
  if (reserve_ && fallocate(reserve_.get(), FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(bytes)) != 0) reserve_.reset();
  look();
}

uint64_t Room::free() const {
  struct statvfs status {};
  return statvfs(folder_.c_str(), &status) == 0 ? uint64_t{status.f_bavail} * status.f_frsize : 0;
}

bool Room::look() {
  struct statvfs status {};
  if (statvfs(folder_.c_str(), &status) != 0) return false;
  free_ = uint64_t{status.f_bavail} * status.f_frsize;
  little_ = std::min(most_little, uint64_t{status.f_blocks} * status.f_frsize / 16);
  const uint64_t files = status.f_ffree;
  const bool shrunk = free_ + worth_a_look < seen_free_ || files + files_worth_a_look < seen_files_;
  if (shrunk || free_ > seen_free_) seen_free_ = free_;
  if (shrunk || files > seen_files_) seen_files_ = files;
  return shrunk || low();
}

}  // namespace assay::engine
