#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>

#include "core/apart.hpp"
#include "core/text.hpp"
#include "core/unique_fd.hpp"
#include "inventory/block_use.hpp"
#include "readers.hpp"

namespace assay::inventory {
namespace {

/// What udev knows of a block device: the lines "E:KEY=VALUE" of its database entry.
std::map<std::string, std::string> udev_properties(const SystemRoot& root, const std::string& number) {
  std::map<std::string, std::string> properties;
  for (const std::string& line : core::split(root.bytes("/run/udev/data/b" + number).value_or(""), '\n')) {
    const auto equals = line.find('=');
    if (line.rfind("E:", 0) == 0 && equals != std::string::npos)
      properties[line.substr(2, equals - 2)] = core::safe_text(line.substr(equals + 1), 200);
  }
  return properties;
}

/// The folder of the hardware that a block device is on: where its `device` link leads, else what its `block` folder
/// lies in. Empty: it is on no hardware of its own.
std::string hardware_of(const SystemRoot& root, const std::string& name) {
  const std::string folder = "/sys/block/" + name;
  if (const std::string linked = root.resolved(folder + "/device"); !linked.empty()) return linked;
  const std::string place = root.resolved(folder), above = place.substr(0, place.rfind('/'));
  const bool placed = place.rfind("/sys/devices/", 0) == 0 && place.rfind("/sys/devices/virtual/", 0) != 0;
  if (!placed) return "";
  return above.size() > 6 && above.compare(above.size() - 6, 6, "/block") == 0 ? above.substr(0, above.size() - 6)
                                                                               : above;
}

/// "/usb3", "/ata1": a folder of this name and a number is on the way.
bool passes(const std::string& place, const std::string& name) {
  for (const std::string& part : core::split(place, '/'))
    if (part.size() > name.size() && part.compare(0, name.size(), name) == 0 &&
        part.find_first_not_of("0123456789", name.size()) == std::string::npos)
      return true;
  return false;
}

std::string transport(const std::string& name, const std::string& place) {
  if (name.rfind("nvme", 0) == 0) return "nvme";
  if (name.rfind("mmcblk", 0) == 0) return "mmc";
  if (name.rfind("vd", 0) == 0) return "virtio";
  if (passes(place, "usb")) return "usb";
  if (passes(place, "ata")) return "sata";
  return place.empty() ? "" : "scsi";
}

/// One of a disk's areas that Linux shows as a device of its own, as an eMMC's boot areas: its hardware is that disk.
bool is_area(const SystemRoot& root, const std::string& hardware) {
  return root.resolved("/sys/block/" + hardware.substr(hardware.rfind('/') + 1)) == hardware;
}

/// Drives whose medium is changed by hand are not the machine's disks: by the type that a SCSI device states (5: CD),
/// and by their major numbers (2: floppy disks, 11: SCSI CDs). Neither are the flash chips and the disks of other
/// machines that have a bus of their own in Linux.
bool is_other(const SystemRoot& root, const std::string& name, const std::string& hardware) {
  const std::string number = root.text("/sys/block/" + name + "/dev").value_or("");
  const std::string bus = root.link_name(hardware + "/subsystem");
  return number.rfind("2:", 0) == 0 || number.rfind("11:", 0) == 0 || root.number(hardware + "/type") == 5 ||
         bus == "mtd" || bus == "rbd";
}

/// What Linux hides is a path to a disk and not the disk; what has no hardware is made of other disks, or of memory.
bool is_disk(const SystemRoot& root, const std::string& name) {
  const std::string folder = "/sys/block/" + name, hardware = hardware_of(root, name);
  return !hardware.empty() && root.number(folder + "/hidden").value_or(0) == 0 && !is_area(root, hardware) &&
         !is_other(root, name, hardware) && root.number(folder + "/size").value_or(0) > 0;
}

/// In a process apart: a dying disk can hold up whoever opens it.
std::string why_not_readable(const std::string& path) {
  const auto brought = core::do_apart(10, [&]() -> core::Brought {
    const core::UniqueFd device(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    if (device) return {};
    return {std::strerror(errno) + std::string(geteuid() == 0 ? "; this system forbids it even to root" : ""), {}};
  });
  return brought ? brought->text : "it did not answer when it was to be opened";
}

std::string first_of(const std::initializer_list<std::string>& candidates) {
  for (const std::string& text : candidates)
    if (!text.empty()) return text;
  return {};
}

/// Of a SCSI disk: the page in which the disk itself says it (SPC, vital product data, page 80h), after four bytes.
std::string scsi_serial(const SystemRoot& root, const std::string& hardware) {
  const std::string page = root.bytes(hardware + "/vpd_pg80").value_or("");
  return page.size() <= 4 ? "" : core::trimmed(core::safe_text(core::trimmed(page.substr(4).c_str()), 100));
}

}  // namespace

std::string disk_serial(const SystemRoot& root, const std::string& name) {
  const std::string folder = "/sys/block/" + name, hardware = hardware_of(root, name);
  const auto text = [&](const std::string& path) { return root.text(path).value_or(""); };
  auto udev = udev_properties(root, text(folder + "/dev"));
  return first_of({text(hardware + "/serial"), text(folder + "/serial"), udev["ID_SERIAL_SHORT"], udev["ID_SERIAL"],
                   scsi_serial(root, hardware)});
}

/// SCSI disks and NVMe namespaces say it themselves; of others, udev may know it. Made-up names are none: zeros, and
/// the kind "t10.", which without a serial number is the model's alone.
std::string disk_wwn(const SystemRoot& root, const std::string& name) {
  const std::string folder = "/sys/block/" + name;
  const auto stated = [&](const std::string& path) {
    const std::string wwn = root.text(path).value_or("");
    return wwn.rfind("t10.", 0) == 0 || is_placeholder(wwn.substr(wwn.find('.') + 1)) ? std::string() : wwn;
  };
  auto udev = udev_properties(root, root.text(folder + "/dev").value_or(""));
  return first_of(
      {stated(folder + "/wwid"), stated(folder + "/device/wwid"), udev["ID_WWN_WITH_EXTENSION"], udev["ID_WWN"]});
}

DiskName disk_name(const SystemRoot& root, const std::string& name) {
  DiskName found{disk_serial(root, name), disk_wwn(root, name), false,
                 root.number("/sys/block/" + name + "/removable").value_or(0) == 1};
  bool serial = !found.serial.empty() && !is_placeholder(found.serial), wwn = !found.wwn.empty();
  for (const std::string& other : root.list("/sys/block")) {
    if (other == name || (!serial && !wwn) || !is_disk(root, other)) continue;
    serial = serial && disk_serial(root, other) != found.serial;
    wwn = wwn && disk_wwn(root, other) != found.wwn;
  }
  found.own = serial || wwn;
  return found;
}

void read_disks(const SystemRoot& root, Machine& machine) {
  for (const std::string& name : root.list("/sys/block")) {
    if (!is_disk(root, name)) continue;
    const std::string folder = "/sys/block/" + name, hardware = hardware_of(root, name);
    const auto text = [&](const char* below) { return root.text(folder + below).value_or(""); };
    const auto stated = [&](const char* below) { return root.text(hardware + below).value_or(""); };
    auto udev = udev_properties(root, text("/dev"));
    Disk disk;
    disk.name = name;
    disk.path = "/dev/" + name;
    disk.model = first_of({stated("/model"), udev["ID_MODEL"]});
    disk.serial = disk_serial(root, name);
    disk.wwn = disk_wwn(root, name);
    disk.firmware = first_of({stated("/firmware_rev"), stated("/rev"), udev["ID_REVISION"]});
    disk.transport = transport(name, hardware);
    disk.bytes = static_cast<uint64_t>(root.number(folder + "/size").value_or(0)) * 512;
    disk.logical_block = static_cast<int>(root.number(folder + "/queue/logical_block_size").value_or(512));
    disk.rotational = root.number(folder + "/queue/rotational").value_or(0) == 1;
    disk.removable = root.number(folder + "/removable").value_or(0) == 1;
    disk.read_only = root.number(folder + "/ro").value_or(0) == 1;
    disk.write_cache = text("/queue/write_cache");
    disk.in_use = !block_use(root, disk.path).reasons.empty();
    disk.has_free_space = !disk.read_only && !writable_folder(root, disk.path).path.empty();
    if (root.is_machine()) {
      disk.not_readable = why_not_readable(disk.path);
      if (!disk.not_readable.empty()) root.note_problem(disk.path, disk.not_readable);
    }
    if (is_placeholder(disk.serial))
      machine.notes.push_back("The serial number of disk " + name + " is a placeholder: \"" + disk.serial + "\".");
    machine.disks.push_back(disk);
  }
  for (Disk& disk : machine.disks)
    disk.weak_serial = is_placeholder(disk.serial) ||
                       std::count_if(machine.disks.begin(), machine.disks.end(),
                                     [&](const Disk& d) { return !d.serial.empty() && d.serial == disk.serial; }) > 1;
}

}  // namespace assay::inventory
