#include "identity.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <sstream>

#include "core/text.hpp"
#include "inventory/block_use.hpp"

namespace assay::engine {
namespace {

using inventory::Content;

/// Documentation/block/stat.rst: reads, merged, sectors, ms, writes, merged, sectors written ...; 0 and "not known" are
/// told apart by one more.
int64_t sectors_written(const inventory::SystemRoot& root, const std::string& device) {
  std::istringstream numbers(root.text(device + "/stat").value_or(""));
  int64_t number = 0;
  for (int field = 0; field < 7; ++field)
    if (!(numbers >> number)) return 0;
  return number + 1;
}

/// Of what lies below a device: devices, a file, a table.
std::string parts_of(const inventory::SystemRoot& root, const std::string& device) {
  std::string text = root.text(device + "/loop/backing_file").value_or("") +
                     root.text(device + "/dm/uuid").value_or("") + root.text(device + "/dm/name").value_or("") +
                     root.text(device + "/md/uuid").value_or("");
  for (const std::string& slave : root.list(device + "/slaves")) text += "\n" + slave;
  return text.empty() ? "" : core::sha256(text).substr(0, 16);
}

void look_at_device(const inventory::SystemRoot& root, int fd, dev_t number, Thing& thing) {
  const std::string device = "/sys/dev/block/" + std::to_string(major(number)) + ":" + std::to_string(minor(number));
  const std::string place = root.resolved(device);
  const auto name = inventory::disk_name(root, place.substr(place.rfind('/') + 1));
  thing.device = true;
  thing.serial = name.serial;
  thing.wwn = name.wwn;
  thing.own_name = name.own;
  thing.removable = name.removable;
  thing.made_of = parts_of(root, device);
  thing.sequence = static_cast<uint64_t>(root.number(device + "/diskseq").value_or(0));
  thing.written = sectors_written(root, device);
  if (ioctl(fd, BLKGETSIZE64, &thing.bytes) != 0) thing.bytes = 0;
}

int64_t nanoseconds(int64_t seconds, uint32_t rest) { return seconds * 1'000'000'000 + rest; }

void look_at_file(int fd, const struct stat& status, Thing& thing) {
  thing.file_system = status.st_dev;
  thing.bytes = static_cast<uint64_t>(status.st_size);
  thing.inode = status.st_ino;
  thing.names = status.st_nlink;
  // Not the time that whoever writes may set back.
  thing.written = nanoseconds(status.st_ctim.tv_sec, static_cast<uint32_t>(status.st_ctim.tv_nsec));
  int generation = 0;
  if (ioctl(fd, FS_IOC_GETVERSION, &generation) == 0) thing.generation = static_cast<uint32_t>(generation);
  struct statx more {};
  if (statx(fd, "", AT_EMPTY_PATH, STATX_BTIME, &more) == 0 && (more.stx_mask & STATX_BTIME) != 0)
    thing.born_ns = nanoseconds(more.stx_btime.tv_sec, more.stx_btime.tv_nsec);
}

std::string holds(const Content& content) {
  switch (content.kind) {
    case Content::Kind::empty:
      return "nothing";
    case Content::Kind::unknown:
      return "what could not be read";
    default:
      return content.what;
  }
}

bool has_new_marks(const Content& was, const Content& is) {
  return std::any_of(is.marks.begin(), is.marks.end(), [&](const std::string& mark) {
    return std::find(was.marks.begin(), was.marks.end(), mark) == was.marks.end();
  });
}

/// What of `content` is other than it was; empty: nothing that speaks of somebody else.
std::string what_was_put_on(const Content& was, const Content& is, bool opened) {
  if (has_new_marks(was, is)) {
    if (holds(was) == holds(is)) return "it held " + holds(was) + ", and that was made anew, or used, in between";
    return "it held " + holds(was) + ", now " + holds(is);
  }
  if (opened) return "";
  if (was.kind != is.kind || was.what != is.what) return "it held " + holds(was) + ", now " + holds(is);
  if (!was.digest.empty() && !is.digest.empty() && was.digest != is.digest)
    return "it held " + holds(was) + ", and its content has changed";
  return was.marks == is.marks ? "" : "it held " + holds(was) + ", and a part of that is gone";
}

std::string size_text(uint64_t bytes, uint64_t other) {
  const std::string text = core::format_bytes(bytes);
  return text == core::format_bytes(other) ? std::to_string(bytes) + " bytes" : text;
}

/// A text that was known, or became known, and is another one: no serial number is no other disk's.
void compare_names(const char* what, const std::string& was, const std::string& is, std::vector<std::string>& changes) {
  if (was == is) return;
  const auto shown = [](const std::string& text) { return text.empty() ? "none" : "\"" + text + "\""; };
  changes.push_back(std::string("its ") + what + " was " + shown(was) + ", now " + shown(is));
}

bool differ(uint64_t was, uint64_t is) { return was != 0 && is != 0 && was != is; }

void compare_devices(const Thing& was, const Thing& is, bool same_boot, std::vector<std::string>& changes) {
  compare_names("serial number", was.serial, is.serial, changes);
  compare_names("world-wide name", was.wwn, is.wwn, changes);
  if (was.made_of != is.made_of) changes.push_back("it is made of something else");
  if (same_boot && differ(was.sequence, is.sequence))
    changes.push_back("its medium was exchanged, or it was plugged in again (Linux's disk number was " +
                      std::to_string(was.sequence) + ", now " + std::to_string(is.sequence) + ")");
}

void compare_files(const Thing& was, const Thing& is, bool same_boot, std::vector<std::string>& changes) {
  // A file system's number is its own only until the machine is restarted.
  const bool other = was.inode != is.inode || differ(was.generation, is.generation) ||
                     (was.born_ns != 0 && is.born_ns != 0 && was.born_ns != is.born_ns) ||
                     (same_boot && differ(was.file_system, is.file_system));
  if (other) changes.push_back("it is another file of the same name");
  if (was.names != is.names)
    changes.push_back("it had " + std::to_string(was.names) + " name(s), now " + std::to_string(is.names));
}

}  // namespace

Thing look_at(const inventory::SystemRoot& root, int fd) {
  Thing thing;
  struct stat status {};
  if (fstat(fd, &status) != 0) return thing;
  thing.boot = root.text("/proc/sys/kernel/random/boot_id").value_or("");
  if (S_ISBLK(status.st_mode))
    look_at_device(root, fd, status.st_rdev, thing);
  else
    look_at_file(fd, status, thing);
  thing.content = inventory::content_of(fd, thing.bytes);
  return thing;
}

std::string what_changed(const Thing& was, const Thing& is, bool opened) {
  if (was.device != is.device) return was.device ? "it was a device, now it is a file" : "it was a file, now a device";
  std::vector<std::string> changes;
  const bool same_boot = was.boot == is.boot;
  if (was.device)
    compare_devices(was, is, same_boot, changes);
  else
    compare_files(was, is, same_boot, changes);
  if (was.bytes != is.bytes)
    changes.push_back("its size was " + size_text(was.bytes, is.bytes) + ", now " + size_text(is.bytes, was.bytes));
  if (const std::string put = what_was_put_on(was.content, is.content, opened); !put.empty())
    changes.push_back(put);
  else if (changes.empty() && (same_boot || !was.device) && was.written != 0 && is.written != 0 &&
           was.written != is.written)
    changes.push_back("somebody has written to it");
  std::string text;
  for (const std::string& change : changes) text += (text.empty() ? "" : "; ") + change;
  return text;
}

std::string why_not_shown(const Thing& was, const Thing& is, bool opened) {
  if (was.boot == is.boot) return "";
  const bool told_by_content = !opened && was.content.kind == Content::Kind::data && !was.content.digest.empty() &&
                               was.content.digest == is.content.digest;
  if (!was.device) {
    if (was.born_ns != 0 || was.generation != 0 || told_by_content) return "";
    return "its file system does not tell when it was made";
  }
  if (!was.own_name || !is.own_name) return "it has no serial number or world-wide name that is its own";
  if (was.removable && !told_by_content)
    return "its serial number may be the reader's, and nothing on it tells it from another medium";
  return "";
}

}  // namespace assay::engine
