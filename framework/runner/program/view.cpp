#include "view.hpp"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>

#include "core/text.hpp"
#include "core/unique_fd.hpp"

namespace assay::runner {
namespace {

namespace fs = std::filesystem;

/// Where the machine's own root hangs while the view is built.
const std::string old = "/.assay-machine";

[[noreturn]] void stuck(const std::string& what) {
  throw std::runtime_error("the trial's view of the files cannot be made: " + what + ": " + std::strerror(errno));
}

void make_tmpfs(const std::string& place, const char* options, unsigned long flags = MS_NOSUID | MS_NODEV) {
  if (mount("assay", place.c_str(), "tmpfs", flags, options) != 0) stuck(place);
}

/// Everything below `place`, mounts in it included, can only be read from now on.
bool seal(const std::string& place) {
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID;
  return syscall(SYS_mount_setattr, AT_FDCWD, place.c_str(), AT_RECURSIVE, &attributes, sizeof attributes) == 0;
}

/// With all above it.
void make_folder(const std::string& place) {
  for (size_t end = place.find('/', 1); end != std::string::npos; end = place.find('/', end + 1))
    mkdir(place.substr(0, end).c_str(), 0755);
  if (mkdir(place.c_str(), 0755) != 0 && errno != EEXIST) stuck(place);
}

std::string above(const std::string& path) { return path.substr(0, std::max<size_t>(path.rfind('/'), 1)); }

bool is_there(const std::string& path) {
  struct stat status {};
  return lstat(path.c_str(), &status) == 0;
}

void make_file(const std::string& place) {
  const core::UniqueFd file(open(place.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!file) stuck(place);
}

void bind(const std::string& source, const std::string& place) {
  if (mount(source.c_str(), place.c_str(), nullptr, MS_BIND | MS_REC, nullptr) != 0) stuck(place);
}

/// What the host has looked at, at its own path: a copy that everybody may read.
void put(int bytes, const std::string& path) {
  if (path.rfind(old + "/", 0) == 0) throw std::runtime_error(path + " has a place that a trial needs itself");
  const bool covers = is_there(path);  // below /usr, which is shown already
  const std::string place = covers ? "/.assay-file-" + std::to_string(bytes) : path;
  make_folder(above(place));
  const core::UniqueFd file(open(place.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0555));
  struct stat status {};
  if (!file || fstat(bytes, &status) != 0) stuck(path);
  off_t at = 0;
  while (at < status.st_size)
    if (sendfile(file.get(), bytes, &at, static_cast<size_t>(status.st_size - at)) <= 0) stuck(path);
  if (covers) bind(place, path);
}

/// Shows what lies at `path` on the machine at the same place, for reading only. What is not there stays away.
void show(const std::string& path) {
  const std::string source = old + path;
  struct stat status {};
  if (lstat(source.c_str(), &status) != 0 || is_there(path)) return;
  make_folder(above(path));
  if (S_ISLNK(status.st_mode)) {
    std::error_code error;
    fs::copy_symlink(source, path, error);
    if (error) stuck(path);
    return;
  }
  if (S_ISDIR(status.st_mode)) {
    make_folder(path);
  } else if (S_ISREG(status.st_mode)) {
    make_file(path);
  } else {
    return;
  }
  bind(source, path);
  if (!seal(path)) stuck(path);
}

/// A node of its own where this process may make one, so that its user can open it; else the machine's.
void show_device(const std::string& path, const User& user, mode_t mode) {
  const std::string source = old + path;
  struct stat status {};
  if (lstat(source.c_str(), &status) != 0 || (!S_ISCHR(status.st_mode) && !S_ISBLK(status.st_mode))) return;
  make_folder(above(path));
  if (user.own && mknod(path.c_str(), (status.st_mode & S_IFMT) | mode, status.st_rdev) == 0) {
    if (chmod(path.c_str(), mode) != 0) stuck(path);
    if (mode != 0666 && chown(path.c_str(), user.uid, user.gid) != 0) stuck(path);
    return;
  }
  make_file(path);
  bind(source, path);
}

void make_devices(const Spec& spec, const User& user) {
  make_folder("/dev");
  make_tmpfs("/dev", "size=64k,mode=0755", MS_NOSUID | MS_NOEXEC);
  for (const char* node : {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"})
    show_device(node, user, 0666);
  for (const std::string& node : spec.confinement.devices) show_device(node, user, 0600);
  if (symlink("/proc/self/fd", "/dev/fd") != 0) stuck("/dev/fd");
}

bool make_proc() {
  make_folder("/proc");
  if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) == 0) return true;
  // A container that hides parts of /proc lets nobody mount a whole one.
  bind(old + "/proc", "/proc");
  return false;
}

void show_artifacts(const Spec& spec, const User& user, bool in_memory) {
  make_folder(artifacts_place);
  if (in_memory) {
    const std::string owner = ",uid=" + std::to_string(user.uid) + ",gid=" + std::to_string(user.gid);
    make_tmpfs(artifacts_place, ("size=256m,mode=0700" + owner).c_str());
  } else {
    bind(old + spec.folder, artifacts_place);
  }
  const int folder = open(artifacts_place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  struct stat handed {
  }, seen{};
  if (folder < 0 || fstat(artifacts_fd, &handed) != 0 || fstat(folder, &seen) != 0) stuck(artifacts_place);
  if (!in_memory && (handed.st_dev != seen.st_dev || handed.st_ino != seen.st_ino))
    throw std::runtime_error("the artifact folder was exchanged while the trial began");
  // The one that was handed over leads upwards into the machine's files.
  if (dup3(folder, artifacts_fd, O_CLOEXEC) != artifacts_fd) stuck(artifacts_place);
  close(folder);
}

/// This process's root becomes an empty tree, with the machine's at `old`.
bool leave_root() {
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
  if (mount("assay", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "size=256m,mode=0755") != 0) return false;
  if (chdir("/tmp") != 0 || mkdir(old.c_str() + 1, 0755) != 0) return false;
  if (syscall(SYS_pivot_root, ".", old.c_str() + 1) != 0) {
    umount2("/tmp", MNT_DETACH);
    return false;
  }
  return chdir("/") == 0;
}

/// Where helper programs lie beside the system's own folders, and what they read.
void show_programs() {
  for (const std::string& place : places_of_programs())
    if (!is_there(place)) show(place);
}

}  // namespace

std::vector<std::string> places_of_programs() {
  std::vector<std::string> places{"/etc/smart_drivedb.h", "/var/lib/smartmontools"};
  const char* path = std::getenv("PATH");
  for (const std::string& folder : core::split(path == nullptr ? "" : path, ':'))
    if (!folder.empty() && folder[0] == '/') places.push_back(folder);
  return places;
}

std::string make_view(const Spec& spec, const User& user, bool artifacts_in_memory) {
  umask(0022);
  if (!leave_root()) return "view";
  for (const char* folder : system_folders) show(folder);
  for (const char* file : system_files) show(file);
  make_devices(spec, user);
  for (const char* folder : temporary_folders) {
    make_folder(folder);
    if (spec.confinement.private_temp) make_tmpfs(folder, "size=64m,mode=1777");
  }
  const bool own_proc = make_proc();
  for (size_t i = 0; i < spec.files.size(); ++i) put(first_file_fd + static_cast<int>(i), spec.files[i].path);
  if (spec.confinement.processes) show_programs();
  show_artifacts(spec, user, artifacts_in_memory);
  if (umount2(old.c_str(), MNT_DETACH) != 0 || rmdir(old.c_str()) != 0) stuck(old);
  // Not the mounts in it: those for writing stay so.
  if (mount(nullptr, "/", nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, nullptr) != 0) stuck("/");
  return own_proc ? "" : "proc";
}

}  // namespace assay::runner
