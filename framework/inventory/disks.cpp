#include <fcntl.h>

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

std::string transport(const SystemRoot& root, const std::string& name) {
  if (name.rfind("nvme", 0) == 0) return "nvme";
  if (name.rfind("mmcblk", 0) == 0) return "mmc";
  if (name.rfind("vd", 0) == 0) return "virtio";
  const std::string place = root.resolved("/sys/block/" + name + "/device");
  if (place.find("/usb") != std::string::npos) return "usb";
  if (place.find("/ata") != std::string::npos) return "sata";
  return place.empty() ? "" : "scsi";
}

bool is_disk(const SystemRoot& root, const std::string& name) {
  for (const char* other : {"loop", "ram", "zram", "dm-", "md", "sr", "fd", "nbd"})
    if (name.rfind(other, 0) == 0) return false;
  return root.number("/sys/block/" + name + "/size").value_or(0) > 0;
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
std::string scsi_serial(const SystemRoot& root, const std::string& folder) {
  const std::string page = root.bytes(folder + "/device/vpd_pg80").value_or("");
  return page.size() <= 4 ? "" : core::trimmed(core::safe_text(core::trimmed(page.substr(4).c_str()), 100));
}

}  // namespace

std::string disk_serial(const SystemRoot& root, const std::string& name) {
  const std::string folder = "/sys/block/" + name;
  const auto text = [&](const char* below) { return root.text(folder + below).value_or(""); };
  auto udev = udev_properties(root, text("/dev"));
  return first_of(
      {text("/device/serial"), text("/serial"), udev["ID_SERIAL_SHORT"], udev["ID_SERIAL"], scsi_serial(root, folder)});
}

void read_disks(const SystemRoot& root, Machine& machine) {
  for (const std::string& name : root.list("/sys/block")) {
    if (!is_disk(root, name)) continue;
    const std::string folder = "/sys/block/" + name;
    const auto text = [&](const char* below) { return root.text(folder + below).value_or(""); };
    auto udev = udev_properties(root, text("/dev"));
    Disk disk;
    disk.name = name;
    disk.path = "/dev/" + name;
    disk.model = first_of({text("/device/model"), udev["ID_MODEL"]});
    disk.serial = disk_serial(root, name);
    disk.firmware = first_of({text("/device/firmware_rev"), text("/device/rev"), udev["ID_REVISION"]});
    disk.transport = transport(root, name);
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
}

}  // namespace assay::inventory
