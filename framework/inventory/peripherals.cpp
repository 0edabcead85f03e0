// Network cards, and the devices that are only listed.
#include "core/text.hpp"
#include "readers.hpp"

namespace assay::inventory {

void read_network(const SystemRoot& root, Machine& machine) {
  for (const std::string& name : root.list("/sys/class/net")) {
    const std::string folder = "/sys/class/net/" + name;
    if (!root.exists(folder + "/device")) continue;  // loopback, bridges, tunnels: not hardware
    NetworkInterface interface;
    interface.name = name;
    interface.driver = root.link_name(folder + "/device/driver");
    interface.state = root.text(folder + "/operstate").value_or("");
    interface.carrier = root.number(folder + "/carrier").value_or(0) == 1;
    const int64_t speed = root.number(folder + "/speed").value_or(0);
    constexpr int64_t most = 10'000'000;  // -1 and 4294967295 stand for "not known"
    interface.speed_mbps = speed > 0 && speed <= most ? static_cast<int>(speed) : 0;
    interface.wireless = root.exists(folder + "/wireless") || root.exists(folder + "/phy80211");
    machine.network.push_back(interface);
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
