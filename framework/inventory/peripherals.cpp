// Network, USB, sensors, power, and the devices that are only listed.
#include <libusb.h>

#include <algorithm>

#include "core/text.hpp"
#include "readers.hpp"

namespace assay::inventory {
namespace {

/// libusb sees the bus itself; a difference from sysfs means that one of the two cannot be trusted here.
void compare_with_libusb(const SystemRoot& root, const Machine& machine) {
  libusb_context* context = nullptr;
  if (libusb_init(&context) != 0) return root.note_problem("libusb", "cannot be started");
  libusb_device** list = nullptr;
  const ssize_t found = libusb_get_device_list(context, &list);
  if (found < 0)
    root.note_problem("libusb", libusb_error_name(static_cast<int>(found)));
  else if (static_cast<size_t>(found) != machine.usb.size())
    root.note_problem(
        "USB", "libusb lists " + std::to_string(found) + " devices, sysfs " + std::to_string(machine.usb.size()));
  if (found >= 0) libusb_free_device_list(list, 1);
  libusb_exit(context);
}

}  // namespace

void read_network(const SystemRoot& root, Machine& machine) {
  for (const std::string& name : root.list("/sys/class/net")) {
    const std::string folder = "/sys/class/net/" + name;
    if (!root.exists(folder + "/device")) continue;  // loopback, bridges, tunnels: not hardware
    NetworkInterface interface;
    interface.name = name;
    interface.driver = root.link_name(folder + "/device/driver");
    interface.state = root.text(folder + "/operstate").value_or("");
    interface.carrier = root.number(folder + "/carrier").value_or(0) == 1;
    interface.speed_mbps = static_cast<int>(std::max<int64_t>(0, root.number(folder + "/speed").value_or(0)));
    interface.wireless = root.exists(folder + "/wireless") || root.exists(folder + "/phy80211");
    machine.network.push_back(interface);
  }
}

void read_usb(const SystemRoot& root, Machine& machine) {
  for (const std::string& name : root.list("/sys/bus/usb/devices")) {
    const std::string folder = "/sys/bus/usb/devices/" + name;
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
    if (name.rfind("usb", 0) == 0) ++machine.usb_controllers;
    machine.usb.push_back(device);
  }
  if (root.is_machine()) compare_with_libusb(root, machine);
}

void read_sensors(const SystemRoot& root, Machine& machine) {
  const auto add = [&](Sensor sensor, double scale, const std::string& high, const std::string& critical) {
    const auto value = root.number(sensor.input);
    if (!value) return;
    sensor.value = static_cast<double>(*value) * scale;
    sensor.high = static_cast<double>(root.number(high).value_or(0)) * scale;
    sensor.critical = static_cast<double>(root.number(critical).value_or(0)) * scale;
    machine.sensors.push_back(sensor);
  };
  for (const std::string& chip : root.list("/sys/class/hwmon")) {
    const std::string folder = "/sys/class/hwmon/" + chip;
    const std::string name = root.text(folder + "/name").value_or(chip);
    for (const std::string& file : root.list(folder)) {
      const auto underscore = file.find("_input");
      if (underscore == std::string::npos) continue;
      const std::string stem = file.substr(0, underscore), path = folder + "/" + stem;
      const std::string label = root.text(path + "_label").value_or(stem);
      if (stem.rfind("temp", 0) == 0)
        add({chip + "/" + stem, name, label, "temperature", folder + "/" + file, 0, 0, 0}, 0.001, path + "_max",
            path + "_crit");
      if (stem.rfind("fan", 0) == 0)
        add({chip + "/" + stem, name, label, "fan", folder + "/" + file, 0, 0, 0}, 1, "", "");
    }
  }
  for (const std::string& zone : root.list("/sys/class/thermal")) {
    const std::string folder = "/sys/class/thermal/" + zone;
    if (zone.rfind("thermal_zone", 0) == 0)
      add({zone, root.text(folder + "/type").value_or(zone), "zone", "temperature", folder + "/temp", 0, 0, 0}, 0.001,
          "", "");
  }
}

void read_power(const SystemRoot& root, Machine& machine) {
  for (const std::string& name : root.list("/sys/class/power_supply")) {
    const std::string folder = "/sys/class/power_supply/" + name;
    const auto text = [&](const char* file) { return root.text(folder + "/" + file).value_or(""); };
    const auto number = [&](const char* file) {
      return static_cast<double>(root.number(folder + "/" + file).value_or(0));
    };
    if (text("type") != "Battery" || text("scope") == "Device") {
      machine.devices.push_back({"power", name, text("type")});
      continue;
    }
    Battery battery{name, text("status"), text("model_name"), text("manufacturer"), 0, 0, 0};
    battery.cycles = static_cast<int>(number("cycle_count"));
    // Either energy in microwatt-hours, or charge in microampere-hours times the design voltage in microvolts.
    const double volts = number("voltage_min_design") * 1e-6;
    battery.design_wh = number("energy_full_design") * 1e-6;
    battery.full_wh = number("energy_full") * 1e-6;
    if (battery.design_wh <= 0) {
      battery.design_wh = number("charge_full_design") * 1e-6 * volts;
      battery.full_wh = number("charge_full") * 1e-6 * volts;
    }
    machine.batteries.push_back(battery);
  }
}

void read_devices(const SystemRoot& root, Machine& machine) {
  const auto add = [&](const char* kind, const std::string& name, const std::string& detail) {
    machine.devices.push_back({kind, name, detail});
  };
  for (const std::string& name : root.list("/sys/class/drm"))
    if (name.find('-') != std::string::npos)
      add("display", name, root.text("/sys/class/drm/" + name + "/status").value_or(""));
  for (const std::string& name : root.list("/sys/class/sound"))
    if (name.rfind("card", 0) == 0) add("sound", name, root.text("/sys/class/sound/" + name + "/id").value_or(""));
  for (const std::string& name : root.list("/sys/class/input"))
    if (name.rfind("input", 0) == 0) add("input", name, root.text("/sys/class/input/" + name + "/name").value_or(""));
  for (const std::string& name : root.list("/sys/devices/system/edac/mc"))
    if (name.rfind("mc", 0) == 0)
      add("edac", name, root.text("/sys/devices/system/edac/mc/" + name + "/mc_name").value_or(""));
  for (const std::string& name : root.list("/sys/class/tpm"))
    add("tpm", name, "TPM " + root.text("/sys/class/tpm/" + name + "/tpm_version_major").value_or("?"));
}

void read_software(const SystemRoot& root, Machine& machine) {
  Software& software = machine.software;
  software.kernel = root.text("/proc/sys/kernel/osrelease").value_or("");
  software.clock_source = root.text("/sys/devices/system/clocksource/clocksource0/current_clocksource").value_or("");
  software.boot_id = root.text("/proc/sys/kernel/random/boot_id").value_or("");
  for (const std::string& line : core::split(root.text("/etc/os-release").value_or(""), '\n'))
    if (line.rfind("PRETTY_NAME=", 0) == 0)
      software.os = core::split(line.substr(12) + "\"", '"')[line[12] == '"' ? 1 : 0];
  const std::string cpuinfo = root.bytes("/proc/cpuinfo").value_or("");
  if (cpuinfo.find(" hypervisor") != std::string::npos)
    software.hypervisor = root.text("/sys/hypervisor/type").value_or("yes");
}

}  // namespace assay::inventory
