// USB devices. A USB 3 hub is two devices on the bus, one for each kind of line in its cable: here it is one.
#include <libusb.h>

#include <algorithm>
#include <set>

#include "core/text.hpp"
#include "readers.hpp"

namespace assay::inventory {
namespace {

constexpr double high_speed = 480;  // Mb/s: the most that USB 2 does
const std::string bus = "/sys/bus/usb/devices/";

/// libusb sees the bus itself; a difference from sysfs means that one of the two cannot be trusted here.
void compare_with_libusb(const SystemRoot& root, size_t listed) {
  libusb_context* context = nullptr;
  if (libusb_init(&context) != 0) return root.note_problem("libusb", "cannot be started");
  libusb_device** list = nullptr;
  const ssize_t found = libusb_get_device_list(context, &list);
  if (found < 0)
    root.note_problem("libusb", libusb_error_name(static_cast<int>(found)));
  else if (static_cast<size_t>(found) != listed)
    root.note_problem("USB", "libusb lists " + std::to_string(found) + " devices, sysfs " + std::to_string(listed));
  if (found >= 0) libusb_free_device_list(list, 1);
  libusb_exit(context);
}

bool is_root(const UsbDevice& device) { return device.port.rfind("usb", 0) == 0; }

/// Where it hangs: for a root hub its controller.
std::string parent_of(const SystemRoot& root, const UsbDevice& device) {
  const std::string place = root.resolved(bus + device.port);
  return place.substr(0, place.rfind('/'));
}

/// "1.4" of "3-1.4".
std::string way(const std::string& port) { return port.substr(std::min(port.find('-'), port.size())); }

/// By the link between the two connectors, which Linux has from the firmware; where there is none, by what the two have
/// in common: the maker, and the way to them from one controller.
bool are_halves(const SystemRoot& root, const UsbDevice& fast, const UsbDevice& slow) {
  if (!fast.hub || !slow.hub || fast.speed_mbps <= high_speed || slow.speed_mbps > high_speed ||
      fast.vendor_id != slow.vendor_id || is_root(fast) != is_root(slow))
    return false;
  if (is_root(fast)) return parent_of(root, fast) == parent_of(root, slow);
  if (const std::string peer = root.resolved(bus + fast.port + "/port/peer"); !peer.empty())
    return peer == root.resolved(bus + slow.port + "/port");
  return way(fast.port) == way(slow.port) && (fast.serial.empty() || slow.serial.empty() || fast.serial == slow.serial);
}

void join_halves(const SystemRoot& root, std::vector<UsbDevice>& devices) {
  std::set<std::string> joined;
  for (UsbDevice& fast : devices)
    for (const UsbDevice& slow : devices)
      if (fast.other_half.empty() && joined.count(slow.port) == 0 && are_halves(root, fast, slow))
        fast.other_half = slow.port, joined.insert(slow.port);
  devices.erase(std::remove_if(devices.begin(), devices.end(),
                               [&](const UsbDevice& device) { return joined.count(device.port) > 0; }),
                devices.end());
}

}  // namespace

void read_usb(const SystemRoot& root, Machine& machine) {
  std::set<std::string> controllers;
  for (const std::string& name : root.list(bus)) {
    const std::string folder = bus + name;
    const auto text = [&](const char* file) { return root.text(folder + "/" + file).value_or(""); };
    const std::string vendor = text("idVendor");
    if (vendor.empty()) continue;  // an interface, not a device
    UsbDevice device;
    device.port = name;
    device.vendor_id = vendor;
    device.product_id = text("idProduct");
    device.title = core::trimmed(text("manufacturer") + " " + text("product"));
    device.serial = text("serial");
    device.usb_version = text("version");
    device.hub = text("bDeviceClass") == "09";
    std::sscanf(text("speed").c_str(), "%lf", &device.speed_mbps);
    if (is_root(device)) controllers.insert(parent_of(root, device));
    machine.usb.push_back(device);
  }
  machine.usb_controllers = static_cast<int>(controllers.size());
  if (root.is_machine()) compare_with_libusb(root, machine.usb.size());
  join_halves(root, machine.usb);
}

}  // namespace assay::inventory
