#include "device_nodes.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <array>
#include <optional>

#include "core/text.hpp"
#include "core/unique_fd.hpp"

namespace assay::engine {
namespace {

using inventory::SystemRoot;

/// Where sysfs lists a kind. `major`: the number that Linux keeps for it, or 0 where it gives any.
struct Place {
  const char* kind;
  const char* folder;
  unsigned major = 0;
  bool on_hardware = false;  // only entries that belong to a device: a serial port, not a terminal
};
constexpr std::array places{
    Place{"usb", "/sys/bus/usb/devices", 189},
    Place{"sound", "/sys/class/sound", 116},
    Place{"video", "/sys/class/video4linux", 81},
    Place{"graphics", "/sys/class/drm", 226},
    Place{"graphics", "/sys/class/graphics", 29},
    Place{"input", "/sys/class/input", 13},
    Place{"hidraw", "/sys/class/hidraw"},
    Place{"serial", "/sys/class/tty", 0, true},
    Place{"i2c", "/sys/class/i2c-dev", 89},
    Place{"tpm", "/sys/class/tpm"},
    Place{"tpm", "/sys/class/tpmrm"},
    Place{"rtc", "/sys/class/rtc"},
    Place{"watchdog", "/sys/class/watchdog"},
    Place{"msr", "/sys/class/msr", 202},
    Place{"scsi-generic", "/sys/class/scsi_generic", 21},
};
constexpr const char* target_node = "target-node";

std::optional<dev_t> number_of(const std::string& text) {
  const auto parts = core::split(text, ':');
  if (parts.size() != 2) return std::nullopt;
  for (const std::string& part : parts)
    if (part.empty() || part.size() > 8 || part.find_first_not_of("0123456789") != std::string::npos)
      return std::nullopt;
  return makedev(static_cast<unsigned>(std::stoul(parts[0])), static_cast<unsigned>(std::stoul(parts[1])));
}

/// The node's path below /dev, as the kernel named it: "bus/usb/001/002". Empty where it has none, or one that climbs.
std::string name_of(const SystemRoot& root, const std::string& entry) {
  for (const std::string& line : core::split(root.bytes(entry + "/uevent").value_or(""), '\n')) {
    if (line.rfind("DEVNAME=", 0) != 0) continue;
    const std::string name = line.substr(8);
    for (const std::string& part : core::split(name, '/'))
      if (part.empty() || part == "." || part == "..") return {};
    return name;
  }
  return {};
}

/// Opened part by part, so that no link leads elsewhere.
bool is_node(const SystemRoot& root, const std::string& name, mode_t type, dev_t number) {
  core::UniqueFd at(open(root.path("/dev").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  for (const std::string& part : core::split(name, '/')) {
    if (!at) return false;
    at.reset(openat(at.get(), part.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  }
  struct stat status {};
  return at && fstat(at.get(), &status) == 0 && (status.st_mode & S_IFMT) == type && status.st_rdev == number;
}

void add(const SystemRoot& root, const std::string& entry, mode_t type, unsigned major_number,
         std::vector<std::string>& nodes) {
  const auto number = number_of(root.text(entry + "/dev").value_or(""));
  const std::string name = name_of(root, entry);
  if (!number || name.empty() || (major_number != 0 && major(*number) != major_number)) return;
  if (is_node(root, name, type, *number)) nodes.push_back("/dev/" + name);
}

/// A disk's node; of an NVMe namespace its controllers', too, which take the commands.
std::vector<std::string> nodes_of(const SystemRoot& root, const core::Target& target) {
  const std::string path = target.attribute("path"), dev = "/dev/";
  std::vector<std::string> nodes;
  if (target.stand_in || path.rfind(dev, 0) != 0 || path.find("/.") != std::string::npos) return nodes;
  std::string name = path.substr(dev.size());
  std::replace(name.begin(), name.end(), '/', '!');  // as sysfs writes it
  const std::string disk = "/sys/class/block/" + name;
  add(root, disk, S_IFBLK, 0, nodes);
  if (nodes != std::vector<std::string>{path}) return {};
  if (name.rfind("nvme", 0) != 0) return nodes;
  add(root, disk + "/device", S_IFCHR, 0, nodes);
  for (const std::string& controller : root.list(disk + "/device"))  // of a subsystem with several
    if (controller.rfind("nvme", 0) == 0) add(root, disk + "/device/" + controller, S_IFCHR, 0, nodes);
  return nodes;
}

}  // namespace

std::vector<std::string> device_nodes(const std::string& kind, const core::Target& target, const SystemRoot& root) {
  if (kind == target_node) return nodes_of(root, target);
  std::vector<std::string> nodes;
  for (const Place& place : places) {
    if (kind != place.kind) continue;
    for (const std::string& entry : root.list(place.folder)) {
      const std::string at = std::string(place.folder) + "/" + entry;
      if (!place.on_hardware || root.exists(at + "/device")) add(root, at, S_IFCHR, place.major, nodes);
    }
  }
  return nodes;
}

std::vector<std::string> device_kinds() {
  std::vector<std::string> kinds{target_node};
  for (const Place& place : places)
    if (std::find(kinds.begin(), kinds.end(), place.kind) == kinds.end()) kinds.emplace_back(place.kind);
  return kinds;
}

}  // namespace assay::engine
