// What is in a machine: plain values, as found. Empty text and zero mean "not known".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/target.hpp"
#include "inventory/system_root.hpp"

namespace assay::inventory {

struct Identity {
  std::string vendor, product, version, serial;
};

struct Cache {
  int level = 0;
  std::string kind;  // data, instruction, unified
  uint64_t bytes = 0;
  int count = 0;
};

struct Core {
  int os_index = 0;  // the logical processor's number in Linux
  int core = 0;      // which physical core
  int package = 0;
  int numa_node = 0;
};

/// A logical processor that the machine has and this process cannot run on.
struct HiddenCore {
  int os_index = 0;
  std::string why;  // "a cpuset keeps this program from it"
};

struct Processor {
  std::string model, microcode;
  int packages = 0, physical_cores = 0, numa_nodes = 0;
  int online = 0, present = 0;     // logical processors that Linux runs on, and that it knows of
  int enabled = 0;                 // cores that the firmware says are enabled
  std::vector<Core> usable;        // logical processors that this process may run on
  std::vector<HiddenCore> hidden;  // and the others
  std::vector<Cache> caches;
};

struct Dimm {
  std::string slot, bank, kind, manufacturer, part, serial;
  uint64_t bytes = 0;  // 0: the slot is empty
  uint16_t handle = 0;
  int speed_mts = 0, configured_mts = 0;
};

/// Physical addresses that SMBIOS says lie on one module.
struct ModuleRange {
  uint64_t first = 0, last = 0;
  uint16_t module = 0;       // its handle
  bool interleaved = false;  // only every so many bytes of the range are on this module
};

/// Memory that is there and that Linux does not have, by who has it.
struct HeldMemory {
  std::string who;  // "the graphics part card0", "the firmware"
  uint64_t bytes = 0;
};

struct Memory {
  uint64_t visible = 0;    // bytes that Linux has
  uint64_t available = 0;  // bytes that could be given to a program now
  uint64_t installed = 0;  // bytes of volatile system memory that SMBIOS lists; 0: not known
  uint64_t accounted = 0;  // bytes that are known to be there: what Linux has, and what others hold
  std::vector<HeldMemory> held;
  std::vector<Dimm> dimms;  // volatile system memory, and empty slots for it
  std::vector<ModuleRange> ranges;
};

struct Disk {
  std::string name, path, model, serial, firmware, transport;
  std::string wwn;           // "naa.5000c500a1b2c3d4", "eui.0025385b71b0a1b2": the world-wide name
  std::string write_cache;   // "write back": flushes are sent to it; "write through": it needs none, or tells nothing
  std::string not_readable;  // why it cannot be opened; empty: it can
  uint64_t bytes = 0;
  int logical_block = 0;
  bool rotational = false, removable = false, read_only = false, in_use = false;
  bool weak_serial = false;     // a placeholder, or another disk here has the same: it names no disk
  bool has_free_space = false;  // a file system on it, and on no other disk, is mounted for writing
};

struct NetworkInterface {
  std::string name, driver, state;
  int speed_mbps = 0;
  bool carrier = false, wireless = false;
};

struct UsbDevice {
  std::string port, vendor_id, product_id, title, serial;
  std::string other_half;   // of a USB 3 hub: the port of its USB 2 half
  double speed_mbps = 0;    // as negotiated
  std::string usb_version;  // as the device states
  bool hub = false;
};

struct Sensor {
  std::string id, chip, label, kind;  // kind: temperature, fan
  std::string input;                  // path below the root
  double value = 0;                   // degrees Celsius, or revolutions per minute
  double high = 0, critical = 0;      // 0: the device gives none, or one that cannot be meant
  std::string doubt;                  // why the value is none: nothing is connected; empty: it is one
};

struct Battery {
  std::string name, state, model, manufacturer;
  double design_wh = 0, full_wh = 0;
  int cycles = 0;
  bool present = true;  // false: the bay is empty
};

/// A device that is only listed so far.
struct Device {
  std::string kind, name, detail;  // kind: pci, display, sound, input, edac, tpm, power, rom, persistent-memory
};

struct Software {
  std::string kernel, os, clock_source, hypervisor, boot_id;
};

struct Machine {
  Identity system, board, bios;
  Processor processor;
  Memory memory;
  std::vector<Disk> disks;
  std::vector<NetworkInterface> network;
  std::vector<UsbDevice> usb;  // root hubs included
  int usb_controllers = 0;
  std::vector<Sensor> sensors;
  std::vector<Battery> batteries;
  std::vector<Device> devices;
  Software software;
  std::vector<std::string> notes;  // what a person should know: placeholder serials, memory that is missing
  std::vector<Problem> problems;
};

/// Reads the machine (or a captured tree). Never throws for what a device says; takes some 10 to 100 ms.
Machine take_inventory(const SystemRoot& root);

/// The machine as JSON, for `assay inventory --json` and the journal.
std::string to_json(const Machine& machine);

/// For people: a few lines per subsystem.
std::string to_text(const Machine& machine);

/// Everything that tests can bind to.
std::vector<core::Target> targets(const Machine& machine);

}  // namespace assay::inventory
