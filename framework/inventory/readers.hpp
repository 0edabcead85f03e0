// The readers that take_inventory() calls, one per part of the machine.
#pragma once

#include "inventory/machine.hpp"

namespace assay::inventory {

void read_processor(const SystemRoot& root, Machine& machine);
void read_smbios(const SystemRoot& root, Machine& machine);
void read_memory(const SystemRoot& root, Machine& machine);
void read_disks(const SystemRoot& root, Machine& machine);
void read_network(const SystemRoot& root, Machine& machine);
void read_usb(const SystemRoot& root, Machine& machine);
void read_sensors(const SystemRoot& root, Machine& machine);
void read_power(const SystemRoot& root, Machine& machine);
void read_devices(const SystemRoot& root, Machine& machine);
void read_software(const SystemRoot& root, Machine& machine);

/// True for serials that makers leave in by mistake: "To be filled by O.E.M.", "0123456789", all one character.
bool is_placeholder(const std::string& serial);

/// "16 GiB installed, of which Linux has 11.5 GiB; 4 GiB held by the graphics part card0"; empty: Linux has all.
std::string unseen_memory(const Memory& memory);

}  // namespace assay::inventory
