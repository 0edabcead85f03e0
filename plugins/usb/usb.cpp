// The plugin `usb`: every device that libusb sees, and whether its link is as fast as the device can be.
#include <libusb.h>

#include <assay/plugin.hpp>
#include <cstdio>
#include <vector>

#include "halves.hpp"

namespace {

using usb::Link;

double megabits(int speed) {
  switch (speed) {
    case LIBUSB_SPEED_LOW:
      return 1.5;
    case LIBUSB_SPEED_FULL:
      return 12;
    case LIBUSB_SPEED_HIGH:
      return 480;
    case LIBUSB_SPEED_SUPER:
      return 5000;
    case LIBUSB_SPEED_SUPER_PLUS:
      return 10000;
    default:
      return 0;
  }
}

std::string port_of(libusb_device* device) {
  uint8_t ports[8];
  const int depth = libusb_get_port_numbers(device, ports, sizeof ports);
  std::string text = std::to_string(libusb_get_bus_number(device)) + "-";
  for (int i = 0; i < depth; ++i) text += (i == 0 ? "" : ".") + std::to_string(ports[i]);
  return depth > 0 ? text : text + "0";
}

std::string hex(const uint8_t* bytes, size_t count) {
  std::string text;
  for (size_t i = 0; i < count; ++i) {
    char two[3];
    std::snprintf(two, sizeof two, "%02x", bytes[i]);
    text += two;
  }
  return text.find_first_not_of('0') == std::string::npos ? "" : text;
}

/// What the device says of itself in its BOS descriptor (USB 3.2, 9.6.2): it lists SuperSpeed even on a slow link, and
/// which device it is a half of.
void read_capabilities(libusb_device* device, const libusb_device_descriptor& descriptor, Link& link) {
  if (descriptor.bcdUSB < 0x0201) return;  // no BOS
  libusb_device_handle* handle = nullptr;
  if (libusb_open(device, &handle) != 0) return;
  libusb_bos_descriptor* bos = nullptr;
  if (libusb_get_bos_descriptor(handle, &bos) == 0) {
    for (uint8_t i = 0; i < bos->bNumDeviceCaps; ++i) {
      libusb_bos_dev_capability_descriptor* part = bos->dev_capability[i];
      if (part->bDevCapabilityType == LIBUSB_BT_SS_USB_DEVICE_CAPABILITY) link.capable = 5000;
      libusb_container_id_descriptor* container = nullptr;
      if (part->bDevCapabilityType != LIBUSB_BT_CONTAINER_ID ||
          libusb_get_container_id_descriptor(nullptr, part, &container) != 0)
        continue;
      link.container = hex(container->ContainerID, sizeof container->ContainerID);
      libusb_free_container_id_descriptor(container);
    }
    libusb_free_bos_descriptor(bos);
  }
  libusb_close(handle);
}

std::vector<Link> links() {
  libusb_context* context = nullptr;
  if (const int fault = libusb_init(&context); fault != 0)
    throw std::runtime_error(std::string("libusb cannot be started: ") + libusb_error_name(fault));
  libusb_device** list = nullptr;
  const ssize_t count = libusb_get_device_list(context, &list);
  std::vector<Link> found;
  for (ssize_t i = 0; i < count; ++i) {
    libusb_device_descriptor descriptor{};
    Link link;
    link.port = port_of(list[i]);
    link.speed = megabits(libusb_get_device_speed(list[i]));
    link.descriptor_good = libusb_get_device_descriptor(list[i], &descriptor) == 0 &&
                           descriptor.bLength == LIBUSB_DT_DEVICE_SIZE &&
                           descriptor.bDescriptorType == LIBUSB_DT_DEVICE;
    char name[16];
    std::snprintf(name, sizeof name, "%04x:%04x", descriptor.idVendor, descriptor.idProduct);
    link.name = name;
    // Root hubs are the controller's own: they have no link.
    if (descriptor.bDeviceClass != LIBUSB_CLASS_HUB || libusb_get_parent(list[i]) != nullptr) {
      link.hub = descriptor.bDeviceClass == LIBUSB_CLASS_HUB;
      read_capabilities(list[i], descriptor, link);
      found.push_back(link);
    }
  }
  if (count >= 0) libusb_free_device_list(list, 1);
  libusb_exit(context);
  return usb::joined(found);
}

class Links {
 public:
  static constexpr auto id = "usb.links";
  static constexpr auto binds = "usb";
  static constexpr auto parameters = assay::names();
  static constexpr auto measurements = assay::names("devices", "slow-links", "bad-descriptors");
  static constexpr auto injections = assay::names("slow-link", "bad-descriptor");

  void run(assay::Trial& trial) {
    std::vector<Link> found = links();
    const bool stand_in = trial.target_attribute("stand_in") == "1";
    const bool injected = trial.injects("slow-link") || trial.injects("bad-descriptor");
    // A made-up healthy device, where a fault must be planted and there is no device to plant it on.
    if (stand_in || (injected && found.empty())) found.push_back({"stand-in", "0-0", 5000, 5000, true, false, ""});
    if (trial.injects("slow-link")) found.front().speed = 480, found.front().capable = 5000;
    if (trial.injects("bad-descriptor")) found.front().descriptor_good = false;
    int slow = 0, bad = 0;
    for (const Link& link : found) {
      if (!link.descriptor_good && ++bad > 0)
        trial.fail("bad-descriptor", "The USB device " + link.name + " describes itself wrongly.",
                   "USB port " + link.port);
      if (link.speed > 0 && link.capable > link.speed && ++slow > 0)
        trial.finding(assay::Severity::marginal, "slow-link",
                      "The USB device " + link.name + " can do " + std::to_string(static_cast<int>(link.capable)) +
                          " Mb/s and runs at " + std::to_string(static_cast<int>(link.speed)) +
                          " Mb/s: cable, port or plug.",
                      "USB port " + link.port);
    }
    trial.measure("devices", static_cast<double>(found.size()));
    trial.measure("slow-links", slow);
    trial.measure("bad-descriptors", bad);
  }
};

}  // namespace

ASSAY_PLUGIN(Links)
