#include "target_device.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "core/apart.hpp"
#include "core/text.hpp"
#include "inventory/block_use.hpp"
#include "inventory/content.hpp"

namespace assay::engine {
namespace {

/// Of a file system, so much stays free whatever a test asks for.
constexpr double reserve = 0.1;
constexpr uint64_t least_scratch = 1 << 20;
/// Seconds within which a device must let itself be opened and looked at. A disk may have to spin up first.
constexpr double patience = 60;

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
  return {{}, category, what + ": " + std::strerror(fault)};
}

TargetDevice refused(const std::string& category, const std::string& reason) { return {{}, category, reason}; }

std::string packed(const TargetDevice& device) {
  return device.category + "\n" + std::to_string(device.most_bytes) + "\n" + device.reason;
}

TargetDevice unpacked(core::Brought brought) {
  const size_t first = brought.text.find('\n'), second = brought.text.find('\n', first + 1);
  return {std::move(brought.fd), brought.text.substr(0, first), brought.text.substr(second + 1),
          std::stoull(brought.text.substr(first + 1, second - first - 1))};
}

/// Some file systems know no O_DIRECT.
core::UniqueFd open_direct(const std::string& path, int flags) {
  core::UniqueFd fd(::open(path.c_str(), flags | O_DIRECT | O_CLOEXEC, 0600));
  if (!fd && errno == EINVAL) fd.reset(::open(path.c_str(), flags | O_CLOEXEC, 0600));
  return fd;
}

/// A file that has no name, or none any more: it vanishes with its last descriptor, whatever happens.
core::UniqueFd nameless_file(const std::string& folder) {
  core::UniqueFd fd = open_direct(folder, O_TMPFILE | O_RDWR);
  if (fd || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT)) return fd;
  uint64_t number = 0;
  if (getrandom(&number, sizeof number, 0) != sizeof number) return {};
  const std::string path = folder + "/.assay-" + std::to_string(number);
  fd = open_direct(path, O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR);
  if (fd) unlink(path.c_str());
  return fd;
}

uint64_t size_of(int fd, const struct stat& status) {
  uint64_t bytes = 0;
  if (S_ISBLK(status.st_mode)) return ioctl(fd, BLKGETSIZE64, &bytes) == 0 ? bytes : 0;
  return static_cast<uint64_t>(status.st_size);
}

/// What tells this device, with what is in it now, from every other: a card reader has one serial number for all cards,
/// and many sticks have none. Empty where it cannot be told.
std::string identity(const inventory::SystemRoot& root, int fd, const struct stat& status) {
  if (S_ISREG(status.st_mode))
    return "file " + std::to_string(status.st_dev) + " " + std::to_string(status.st_ino) + " " +
           std::to_string(status.st_size);
  const std::string device =
      "/sys/dev/block/" + std::to_string(major(status.st_rdev)) + ":" + std::to_string(minor(status.st_rdev));
  // A number that Linux gives to each device, and anew when its medium is exchanged, since the machine was started.
  const auto sequence = root.text(device + "/diskseq"), boot = root.text("/proc/sys/kernel/random/boot_id");
  if (!sequence || !boot) return "";
  return "device " + *boot + " " + *sequence + " " + std::to_string(size_of(fd, status));
}

/// A lease for writing is only given on a file that nobody else has open; file systems without leases do not tell.
bool is_open_elsewhere(int fd) {
  const bool refused = fcntl(fd, F_SETLEASE, F_WRLCK) != 0 && errno == EAGAIN;
  if (!refused) fcntl(fd, F_SETLEASE, F_UNLCK);
  return refused;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

}  // namespace

TargetDoor::TargetDoor(const inventory::SystemRoot& root, core::Consent consent, std::string remembered)
    : root_(root), consent_(std::move(consent)), remembered_(std::move(remembered)) {}

TargetDevice TargetDoor::open(const core::Target& target, catalog::Effect effect, int wake) {
  const std::string path = target.attribute("path");
  if (path.empty() || target.stand_in) return {};
  // A dying disk can hold up whoever opens it, looks at it or closes it, and no signal helps: so all of that is done in
  // a process apart, and this one only ever holds a device that has answered.
  auto brought = core::do_apart(
      patience,
      [&] {
        TargetDevice device = open_here(target, effect);
        return core::Brought{packed(device), std::move(device.fd)};
      },
      wake);
  if (!brought) return refused("no-answer", path + " did not answer when it was to be opened");
  TargetDevice device = unpacked(std::move(*brought));
  if (!device.fd || effect != catalog::Effect::destructive) return device;
  struct stat status {};
  if (fstat(device.fd.get(), &status) == 0 && remember(identity(root_, device.fd.get(), status))) return device;
  return refused("refused", remembered_ + " cannot be written, so nobody would know what was overwritten");
}

TargetDevice TargetDoor::open_here(const core::Target& target, catalog::Effect effect) const {
  if (effect == catalog::Effect::scratch) return open_scratch(target);
  if (effect == catalog::Effect::destructive) return open_for_overwriting(target);
  return open_for_reading(target.attribute("path"));
}

TargetDevice TargetDoor::open_for_reading(const std::string& path) const {
  core::UniqueFd fd = open_direct(path, O_RDONLY);
  if (!fd) return not_opened(path + " cannot be opened");
  return {std::move(fd), "", ""};
}

TargetDevice TargetDoor::open_scratch(const core::Target& target) const {
  if (!consent_.scratch) return refused("no-consent", "nobody has allowed tests to write into free space");
  const std::string path = target.attribute("path");
  const bool named = !target.attribute("folder").empty();
  const inventory::WritableFolder found =
      named ? inventory::WritableFolder{path, 0} : inventory::writable_folder(root_, path);
  if (found.path.empty()) return refused("absent", "no file system on " + path + " is mounted for writing");
  // Which folder it is stays out of the record: its name can be a person's.
  const std::string place = named ? path : "the file system on " + path;
  core::UniqueFd fd = nameless_file(found.path);
  if (!fd) return not_opened("no file can be made in " + place);
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

std::string TargetDoor::why_not_consented() const {
  if (!consent_.destructive) return "it overwrites the device, and nobody has allowed that (--allow destructive)";
  if (consent_.backup.empty())
    return "nobody has said whether the data on it is kept elsewhere (--backup made, or --backup not-needed)";
  return "";
}

std::string TargetDoor::why_not_this(const core::Target& target, int fd) const {
  const std::string path = target.attribute("path");
  struct stat status {};
  if (fstat(fd, &status) != 0) return path + " does not tell what it is";
  std::string serial;
  if (S_ISBLK(status.st_mode)) {
    const std::string number = std::to_string(major(status.st_rdev)) + ":" + std::to_string(minor(status.st_rdev));
    const std::string place = root_.resolved("/sys/dev/block/" + number);
    if (place.empty()) return path + " is not known to this system any more";
    if (root_.exists("/sys/dev/block/" + number + "/partition"))
      return path + " is a partition: the whole disk must be named";
    serial = inventory::disk_serial(root_, place.substr(place.rfind('/') + 1));
    if (serial != target.attribute("serial"))
      return path + " is another device than when the plan was made: its serial number is \"" + serial + "\"";
  } else if (!S_ISREG(status.st_mode)) {
    return path + " is neither a disk nor a file";
  }
  const inventory::BlockUse use = inventory::block_use(root_, path);
  if (use.system) return "this system runs from " + path + ": " + joined(use.reasons);
  if (!use.reasons.empty()) return path + " is in use: " + joined(use.reasons);
  if (S_ISREG(status.st_mode) && is_open_elsewhere(fd)) return path + " is in use: another process has it open";
  if (was_overwritten(identity(root_, fd, status))) return "";
  const inventory::Content content = inventory::content_of(fd, size_of(fd, status));
  using Kind = inventory::Content::Kind;
  if (content.kind == Kind::member)
    return path + " is a part of something larger: " + content.what + "; take it out of that first";
  const std::string name = serial.empty() ? path : serial;
  const bool typed = std::any_of(consent_.erase.begin(), consent_.erase.end(), [&](const std::string& given) {
    std::error_code error;
    return given == name || (serial.empty() && std::filesystem::equivalent(given, path, error));
  });
  if (content.kind == Kind::empty || typed) return "";
  if (content.kind == Kind::unknown)
    return "what is on " + path + " could not be found out (" + content.what + "); `--erase " + name + "` gives it up";
  return path + " is not empty: " + content.what + "; `--erase " + name + "` gives it up";
}

bool TargetDoor::was_overwritten(const std::string& identity) const {
  if (identity.empty()) return false;
  const auto lines = core::split(core::read_file(remembered_).value_or(""), '\n');
  return std::find(lines.begin(), lines.end(), identity) != lines.end();
}

/// On the disk before anything is overwritten.
bool TargetDoor::remember(const std::string& identity) const {
  if (identity.empty() || was_overwritten(identity)) return true;
  const core::UniqueFd file(::open(remembered_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0644));
  const std::string line = identity + "\n";
  return file && write(file.get(), line.data(), line.size()) == static_cast<ssize_t>(line.size()) &&
         fsync(file.get()) == 0;
}

TargetDevice TargetDoor::open_for_overwriting(const core::Target& target) const {
  if (const std::string why = why_not_consented(); !why.empty()) return refused("no-consent", why);
  const std::string path = target.attribute("path");
  core::UniqueFd fd = open_direct(path, O_RDWR | O_EXCL);
  // What uses it is worth more to know than that Linux calls it busy.
  if (!fd && errno == EBUSY) {
    const inventory::BlockUse use = inventory::block_use(root_, path);
    if (use.reasons.empty()) return refused("refused", path + " is in use: Linux says that it is busy");
    return refused("refused",
                   (use.system ? "this system runs from " + path : path + " is in use") + ": " + joined(use.reasons));
  }
  if (!fd) return not_opened(path + " cannot be opened for writing");
  int read_only = 0;
  if (ioctl(fd.get(), BLKROGET, &read_only) == 0 && read_only != 0)
    return refused("not-supported", path + " is read-only: a card may have a switch for that");
  if (const std::string why = why_not_this(target, fd.get()); !why.empty()) return refused("refused", why);
  return {std::move(fd), "", ""};
}

}  // namespace assay::engine
