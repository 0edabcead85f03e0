// What speaks against overwriting a device, looked at with the device held.
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>

#include "inventory/block_use.hpp"
#include "opening.hpp"

namespace assay::engine {
namespace {

using Kind = inventory::Content::Kind;

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

/// Empty: nothing uses it. `known_as`: what this system calls it, be the path another node for it.
std::string use_of(const inventory::SystemRoot& root, const std::string& path, const std::string& known_as) {
  const inventory::BlockUse use = inventory::block_use(root, known_as);
  if (use.system) return "this system runs from " + path + ": " + joined(use.reasons);
  return use.reasons.empty() ? "" : path + " is in use: " + joined(use.reasons);
}

/// "/dev/sdb", whatever the path; empty: this system does not know it. A file keeps its path.
std::string known_name(const inventory::SystemRoot& root, const std::string& path, const struct stat& status) {
  if (!S_ISBLK(status.st_mode)) return path;
  const std::string number = std::to_string(major(status.st_rdev)) + ":" + std::to_string(minor(status.st_rdev));
  const std::string place = root.resolved("/sys/dev/block/" + number);
  return place.empty() ? "" : "/dev/" + place.substr(place.rfind('/') + 1);
}

/// The disk that a partition ("/dev/sdb1") lies on; empty: it is none.
std::string disk_of_partition(const inventory::SystemRoot& root, const std::string& known_as) {
  const std::string place = root.resolved("/sys/class/block/" + known_as.substr(known_as.rfind('/') + 1));
  if (place.empty() || !root.exists(place + "/partition")) return "";
  const std::string disk = place.substr(0, place.rfind('/'));
  return "/dev/" + disk.substr(disk.rfind('/') + 1);
}

std::string why_not_this(const inventory::SystemRoot& root, const core::Target& target, int fd,
                         const ConsentedThing* known, Thing& now) {
  const std::string path = target.attribute("path");
  struct stat status {};
  if (fstat(fd, &status) != 0) return path + " does not tell what it is";
  if (!S_ISBLK(status.st_mode) && !S_ISREG(status.st_mode)) return path + " is neither a disk nor a file";
  const std::string known_as = known_name(root, path, status);
  if (known_as.empty()) return path + " is not known to this system any more";
  if (S_ISBLK(status.st_mode))
    if (const std::string disk = disk_of_partition(root, known_as); !disk.empty())
      return path + " is a partition: the whole disk must be named, " + disk;
  if (const std::string use = use_of(root, path, known_as); !use.empty()) return use;
  if (S_ISREG(status.st_mode) && is_open_elsewhere(fd)) return path + " is in use: another process has it open";
  if (known == nullptr) return path + " was not looked at when overwriting was allowed: begin a new run";
  if (!known->why_not.empty())
    return path + " could not be looked at when overwriting was allowed (" + known->why_not + "): begin a new run";
  now = look_at(root, fd);
  std::string changed = what_changed(known->thing, now, known->opened);
  if (changed.empty() && now.serial != target.attribute("serial"))
    changed = "its serial number is \"" + now.serial + "\", and that of the plan's disk is \"" +
              target.attribute("serial") + "\"";
  if (!changed.empty())
    return path + " is not what it was when overwriting was allowed: " + changed +
           "; begin a new run if it may be overwritten as it is now";
  if (const std::string unsure = why_not_shown(known->thing, now, known->opened); !unsure.empty())
    return "the machine was restarted, and nobody can tell that " + path +
           " is still what may be overwritten: " + unsure + "; begin a new run";
  if (now.content.kind == Kind::member)
    return path + " is a part of something larger: " + now.content.what + "; take it out of that first";
  if (now.content.kind == Kind::empty || known->given_up || known->opened) return "";
  const std::string name =
      now.serial.empty() || !target.attribute("weak_serial").empty() ? (now.wwn.empty() ? path : now.wwn) : now.serial;
  const std::string found = now.content.kind == Kind::unknown
                                ? "what is on " + path + " could not be found out (" + now.content.what + ")"
                                : path + " is not empty: " + now.content.what;
  return found + "; `--erase " + name + "` gives it up";
}

}  // namespace

TargetDevice open_alone(const inventory::SystemRoot& root, const core::Target& target, const ConsentedThing* known,
                        Thing& now) {
  const std::string path = target.attribute("path");
  core::UniqueFd fd = open_direct(path, O_RDWR | O_EXCL);
  // What uses it is worth more to know than that Linux calls it busy.
  if (!fd && errno == EBUSY) {
    struct stat status {};
    const bool there = stat(path.c_str(), &status) == 0;
    const std::string use = use_of(root, path, there ? known_name(root, path, status) : path);
    return refused("refused", use.empty() ? path + " is in use: Linux says that it is busy" : use);
  }
  if (!fd) return not_opened(path + " cannot be opened for writing");
  int read_only = 0;
  if (ioctl(fd.get(), BLKROGET, &read_only) == 0 && read_only != 0)
    return refused("not-supported", path + " is read-only: a card may have a switch for that");
  if (const std::string why = why_not_this(root, target, fd.get(), known, now); !why.empty())
    return refused("refused", why);
  return {std::move(fd), "", ""};
}

}  // namespace assay::engine
