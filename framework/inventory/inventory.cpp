#include "inventory/machine.hpp"
#include "readers.hpp"

namespace assay::inventory {

Machine take_inventory(const SystemRoot& root) {
  Machine machine;
  for (const auto read : {read_processor, read_smbios, read_memory, read_disks, read_network, read_usb, read_sensors,
                          read_power, read_devices, read_software})
    read(root, machine);
  machine.problems = root.problems();
  return machine;
}

}  // namespace assay::inventory
