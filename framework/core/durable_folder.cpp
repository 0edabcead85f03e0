#include "core/durable_folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <vector>

#include "core/errors.hpp"
#include "core/input.hpp"

namespace assay::core {
namespace {

namespace fs = std::filesystem;

bool write_all(int file, const std::string& bytes) {
  for (size_t sent = 0; sent < bytes.size();) {
    const ssize_t written = ::write(file, bytes.data() + sent, bytes.size() - sent);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    sent += static_cast<size_t>(written);
  }
  return true;
}

/// Some file systems sync no folder (EINVAL): there is nothing more that one could do.
bool sync_folder(int folder) { return fsync(folder) == 0 || errno == EINVAL || errno == EROFS; }

}  // namespace

DurableFolder::DurableFolder(const std::string& path)
    : folder_(open(path.empty() ? "." : path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)), name_(path) {
  if (!folder_) throw BadInput(path + ": no folder there that can be read: " + std::strerror(errno));
}

std::string DurableFolder::path() const { return "/proc/self/fd/" + std::to_string(fd()); }

void DurableFolder::write(const std::string& file, const std::string& bytes) const {
  const std::string shown = (name_.empty() ? "" : name_ + "/") + file, part = file + ".new";
  struct stat there {};
  if (fstatat(fd(), file.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0 && there.st_uid != geteuid())
    throw Trouble(shown + " belongs to another user (uid " + std::to_string(there.st_uid) +
                  ") and is not overwritten: move it away, or name another file");
  unlinkat(fd(), part.c_str(), 0);
  UniqueFd out(openat(fd(), part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  const bool whole = out && write_all(out.get(), bytes) && fsync(out.get()) == 0 &&
                     renameat(fd(), part.c_str(), fd(), file.c_str()) == 0 && sync_folder(fd());
  if (whole) return;
  const int fault = errno;
  if (out) unlinkat(fd(), part.c_str(), 0);
  throw Trouble(shown + " cannot be written: " + write_failure(fault));
}

void DurableFolder::remove(const std::string& file) const {
  if (unlinkat(fd(), file.c_str(), 0) != 0) {
    if (errno == ENOENT) return;
    throw Trouble(name_ + "/" + file + " cannot be removed: " + std::strerror(errno));
  }
  sync();
}

void DurableFolder::sweep(const std::string& file) const { unlinkat(fd(), (file + ".new").c_str(), 0); }

void DurableFolder::sync() const {
  if (!sync_folder(fd())) throw Trouble(name_ + " cannot be synced: " + std::strerror(errno));
}

void DurableFolder::sync_contents() const {
  if (syncfs(fd()) != 0) throw Trouble(name_ + " cannot be synced: " + std::strerror(errno));
}

void make_durable_folders(const std::string& path, const std::string& what) {
  std::vector<fs::path> missing;
  std::error_code error;
  for (fs::path at = fs::path(path).lexically_normal(); !at.empty() && !fs::exists(at, error); at = at.parent_path())
    if (at.has_filename()) missing.push_back(at);
  fs::create_directories(path, error);
  if (error) throw BadInput(what + path + ": cannot be made: " + error.message());
  for (const fs::path& made : missing)
    if (const UniqueFd above(
            open(made.has_parent_path() ? made.parent_path().c_str() : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        !above || !sync_folder(above.get()))
      throw Trouble(made.string() + ": the folder above cannot be synced: " + std::strerror(errno));
}

}  // namespace assay::core
