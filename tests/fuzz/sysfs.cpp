// What a machine says of itself in /sys and /proc: the first byte says in which file the rest stands.
#include <array>
#include <filesystem>
#include <fstream>

#include "fuzz.hpp"
#include "inventory/machine.hpp"

namespace {

constexpr std::array<const char*, 16> files{"/sys/firmware/dmi/tables/DMI",
                                            "/proc/self/mountinfo",
                                            "/proc/cpuinfo",
                                            "/proc/meminfo",
                                            "/proc/iomem",
                                            "/proc/swaps",
                                            "/proc/cmdline",
                                            "/sys/devices/system/cpu/online",
                                            "/sys/block/sda/size",
                                            "/sys/block/sda/device/model",
                                            "/sys/block/sda/queue/logical_block_size",
                                            "/sys/class/hwmon/hwmon0/temp1_input",
                                            "/sys/class/power_supply/BAT0/energy_full",
                                            "/sys/bus/usb/devices/1-1/speed",
                                            "/sys/class/net/eth0/speed",
                                            "/sys/firmware/memmap/0/end"};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace assay;
  namespace fs = std::filesystem;
  static const fuzz::Folder folder;
  static const std::string root = [] {
    const std::string& name = folder.path();
    for (const char* file : files) fs::create_directories(fs::path(name + file).parent_path());
    std::ofstream(name + "/sys/class/power_supply/BAT0/type") << "Battery";
    std::ofstream(name + "/sys/block/sda/size") << "1000";
    std::ofstream(name + "/sys/firmware/memmap/0/start") << "0x0";
    std::ofstream(name + "/sys/firmware/memmap/0/type") << "System RAM";
    return name;
  }();
  if (size == 0) return 0;
  const std::string path = root + files[data[0] % files.size()];
  std::ofstream(path, std::ios::binary) << fuzz::text_of(data + 1, size - 1);
  const auto machine = inventory::take_inventory(inventory::SystemRoot(root));
  inventory::to_json(machine);
  inventory::to_text(machine);
  inventory::targets(machine);
  fs::remove(path);
  return 0;
}
