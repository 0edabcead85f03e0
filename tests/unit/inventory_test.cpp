#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <map>

#include "../support/command.hpp"
#include "inventory/block_use.hpp"
#include "inventory/machine.hpp"
#include "watch/signals.hpp"

using namespace assay;
using test::Scratch;
using test::write_file;

namespace {

/// One SMBIOS structure: header, formatted bytes from offset 4 on, strings.
std::string structure(uint8_t type, std::string formatted, const std::vector<std::string>& strings, char handle = 0) {
  std::string bytes{static_cast<char>(type), static_cast<char>(formatted.size() + 4), handle, 0};
  bytes += formatted;
  for (const auto& text : strings) bytes += text + '\0';
  bytes += strings.empty() ? std::string(2, '\0') : std::string(1, '\0');
  return bytes;
}

std::string dimm(uint16_t megabytes, const std::string& slot, const std::string& serial, char handle = 0) {
  std::string formatted(0x28 - 4, '\0');
  const auto put = [&](size_t offset, auto value) { std::memcpy(formatted.data() + offset - 4, &value, sizeof value); };
  put(0x0C, megabytes);
  put(0x10, uint8_t{1});
  put(0x12, uint8_t{0x1A});
  put(0x15, uint16_t{3200});
  put(0x18, uint8_t{2});
  put(0x1A, uint8_t{3});
  return structure(17, formatted, {slot, serial, "PART-1"}, handle);
}

std::string tables() {
  return structure(1, std::string("\x01\x02\x00\x03", 4), {"Maker", "Model 7", "To be filled by O.E.M."}) +
         dimm(8192, "DIMM_A1", "S1") + dimm(8192, "DIMM_A2", "S2") + dimm(0, "DIMM_B1", "") + structure(127, "", {});
}

/// A laptop with a battery, a sensor, a USB stick, a network card and half of its memory gone.
void capture_laptop(const Scratch& root) {
  write_file(root / "sys/firmware/dmi/tables/DMI", tables());
  write_file(root / "proc/meminfo", "MemTotal:        8123456 kB\nMemFree:  1 kB\nMemAvailable:    7000000 kB\n");
  write_file(root / "proc/cpuinfo", "model name\t: Test CPU\nmicrocode\t: 0xf0\nflags\t: fpu hypervisor\n");
  write_file(root / "proc/mounts", "/dev/sda1 / ext4 rw 0 0\n");
  write_file(root / "proc/sys/kernel/osrelease", "6.1.0-test\n");
  write_file(root / "etc/os-release", "PRETTY_NAME=\"Test OS 12\"\n");
  write_file(root / "sys/devices/system/cpu/online", "0-2\n");
  write_file(root / "sys/devices/system/cpu/present", "0-3\n");
  write_file(root / "sys/block/sda/size", "2000\n");
  write_file(root / "sys/block/sda/dev", "8:0\n");
  write_file(root / "sys/block/sda/sda1/size", "1000\n");
  write_file(root / "sys/block/sda/device/model", "DISK\xE2\x80\xAE\x07 9000\n");
  write_file(root / "sys/block/loop0/size", "2000\n");
  write_file(root / "run/udev/data/b8:0", "E:ID_SERIAL_SHORT=ABC123\n");
  write_file(root / "sys/class/net/eth0/device/vendor", "x");
  write_file(root / "sys/class/net/eth0/speed", "1000\n");
  write_file(root / "sys/class/net/lo/carrier", "1\n");
  write_file(root / "sys/bus/usb/devices/1-2/idVendor", "0951\n");
  write_file(root / "sys/bus/usb/devices/1-2/speed", "480\n");
  write_file(root / "sys/bus/usb/devices/1-2:1.0/bInterfaceClass", "08\n");
  write_file(root / "sys/class/hwmon/hwmon0/name", "coretemp\n");
  write_file(root / "sys/class/hwmon/hwmon0/temp1_input", "61000\n");
  write_file(root / "sys/class/hwmon/hwmon0/temp1_crit", "100000\n");
  write_file(root / "sys/class/hwmon/hwmon0/fan1_input", "1200\n");
  write_file(root / "sys/class/power_supply/BAT0/type", "Battery\n");
  write_file(root / "sys/class/power_supply/BAT0/energy_full_design", "50000000\n");
  write_file(root / "sys/class/power_supply/BAT0/energy_full", "20000000\n");
  write_file(root / "sys/class/tpm/tpm0/tpm_version_major", "2\n");
}

bool mentions(const std::vector<std::string>& notes, const std::string& words) {
  for (const auto& note : notes)
    if (note.find(words) != std::string::npos) return true;
  return false;
}

}  // namespace

TEST_CASE("a captured tree stands in for a machine") {
  const Scratch root;
  capture_laptop(root);
  const auto machine = inventory::take_inventory(inventory::SystemRoot(root.path()));
  CHECK(machine.system.product == "Model 7");
  REQUIRE(machine.memory.dimms.size() == 3);
  CHECK(machine.memory.dimms[0].slot == "DIMM_A1");
  CHECK(machine.memory.dimms[0].bytes == uint64_t{8} << 30);
  CHECK(machine.memory.dimms[0].kind == "DDR4");
  CHECK(machine.memory.dimms[0].speed_mts == 3200);
  CHECK(machine.memory.dimms[0].part == "PART-1");
  CHECK(machine.memory.dimms[1].serial == "S2");
  CHECK(machine.memory.dimms[2].bytes == 0);
  CHECK(machine.memory.installed == uint64_t{16} << 30);
  REQUIRE(machine.disks.size() == 1);
  CHECK(machine.disks[0].serial == "ABC123");
  CHECK(machine.disks[0].model == "DISK 9000");
  CHECK(machine.disks[0].in_use);
  REQUIRE(machine.network.size() == 1);
  CHECK(machine.network[0].speed_mbps == 1000);
  REQUIRE(machine.usb.size() == 1);
  REQUIRE(machine.sensors.size() == 2);
  REQUIRE(machine.batteries.size() == 1);
  CHECK(machine.batteries[0].full_wh == Approx(20));
  CHECK(machine.processor.online == 3);
  CHECK(machine.processor.present == 4);
  CHECK(machine.software.os == "Test OS 12");
  CHECK(machine.software.hypervisor == "yes");
}

TEST_CASE("placeholder serials and missing memory are pointed out") {
  const Scratch root;
  capture_laptop(root);
  const auto machine = inventory::take_inventory(inventory::SystemRoot(root.path()));
  CHECK(mentions(machine.notes, "placeholder: \"To be filled by O.E.M.\""));
  CHECK(mentions(machine.notes, "16 GiB installed, of which Linux has 7.7"));
}

TEST_CASE("a serial number that is a placeholder, or that two disks have, is no name of a disk's own") {
  const Scratch root;
  const auto disk = [&](const std::string& name, const std::string& serial, const std::string& wwn) {
    write_file(root / ("sys/block/" + name + "/size"), "2000\n");
    write_file(root / ("sys/block/" + name + "/device/serial"), serial + "\n");
    write_file(root / ("sys/block/" + name + "/device/wwid"), wwn + "\n");
  };
  disk("sda", "A1", "");
  disk("sdb", "SAME", "");
  disk("sdc", "SAME", "");
  disk("sdd", "SAME", "naa.5000c500a1b2c3d4");
  disk("sde", "0123456789ABCDEF", "t10.ATA     A MODEL");
  disk("sdf", "", "naa.0000000000000000");
  const struct {
    const char* name;
    bool own, weak_serial;
    const char* wwn;
  } table[] = {{"sda", true, false, ""}, {"sdb", false, true, ""},
               {"sdc", false, true, ""}, {"sdd", true, true, "naa.5000c500a1b2c3d4"},
               {"sde", false, true, ""}, {"sdf", false, false, ""}};
  const inventory::SystemRoot tree(root.path());
  const auto machine = inventory::take_inventory(tree);
  REQUIRE(machine.disks.size() == std::size(table));
  for (size_t i = 0; i < std::size(table); ++i) {
    INFO(table[i].name);
    CHECK(inventory::disk_name(tree, table[i].name).own == table[i].own);
    CHECK(machine.disks[i].weak_serial == table[i].weak_serial);
    CHECK(machine.disks[i].wwn == table[i].wwn);
  }
}

TEST_CASE("an empty tree gives an empty machine, and says what it could not read") {
  const Scratch root;
  const auto machine = inventory::take_inventory(inventory::SystemRoot(root.path()));
  CHECK(machine.disks.empty());
  CHECK(machine.memory.dimms.empty());
  CHECK_FALSE(machine.problems.empty());
  CHECK_FALSE(inventory::to_text(machine).empty());
  CHECK_FALSE(inventory::to_json(machine).empty());
}

TEST_CASE("damaged firmware tables are read as far as they are whole") {
  const Scratch root;
  const std::string good = tables();
  for (size_t size = 0; size < good.size(); size += 7) {
    write_file(root / "sys/firmware/dmi/tables/DMI", good.substr(0, size));
    CHECK(inventory::take_inventory(inventory::SystemRoot(root.path())).memory.dimms.size() <= 3);
  }
  uint64_t state = 7;
  for (int round = 0; round < 60; ++round) {
    std::string damaged = good;
    for (int i = 0; i < 5; ++i) {
      state = state * 6364136223846793005u + 1;
      damaged[(state >> 8) % damaged.size()] = static_cast<char>(state >> 56);
    }
    write_file(root / "sys/firmware/dmi/tables/DMI", damaged);
    inventory::take_inventory(inventory::SystemRoot(root.path()));
  }
}

TEST_CASE("a synthetic topology gives its cores as targets") {
  const Scratch root;
  setenv("HWLOC_SYNTHETIC", "pack:2 core:4 pu:2", 1);
  const auto machine = inventory::take_inventory(inventory::SystemRoot("/"));
  unsetenv("HWLOC_SYNTHETIC");
  CHECK(machine.processor.packages == 2);
  CHECK(machine.processor.physical_cores == 8);
  int cores = 0;
  for (const auto& target : inventory::targets(machine)) cores += target.kind == "core" ? 1 : 0;
  CHECK(cores == 16);
  CHECK(mentions(machine.notes, "not from this machine"));
}

TEST_CASE("the machine's signals are sampled as they change") {
  const Scratch root;
  capture_laptop(root);
  write_file(root / "sys/devices/system/edac/mc/mc0/ce_count", "2");
  const inventory::SystemRoot tree(root.path());
  auto machine = inventory::take_inventory(tree);
  machine.processor.usable = {{0, 0, 0, 0}, {1, 1, 0, 0}};
  machine.disks = {{}};
  machine.disks[0].name = "sda";
  struct Moment {
    const char *heat, *clock, *stat, *disks, *errors;
  };
  // Of the second 100 ticks 30 are busy; the disk, not its partition, reads 4 MB in two seconds.
  const Moment moments[] = {
      {"61000", "3000000", "cpu  100 0 0 900 0 0 0 0 0 0\ncpu0 1 1\n", "8 0 sda 5 0 1000 7 3 0 500 9 0 0 0\n", "2"},
      {"75000", "2000000", "cpu  120 0 10 960 10 0 0 0 0 0\ncpu0 1 1\n",
       "8 0 sda 9 0 8812 7 3 0 500 9 0 0 0\n8 1 sda1 9 0 99999 0 9 0 9 0 0 0 0\n", "5"}};
  const auto put = [&](const Moment& moment) {
    write_file(root / "sys/class/hwmon/hwmon0/temp1_input", moment.heat);
    for (const char* core : {"cpu0", "cpu1"})
      write_file(root / ("sys/devices/system/cpu/" + std::string(core) + "/cpufreq/scaling_cur_freq"), moment.clock);
    write_file(root / "proc/stat", moment.stat);
    write_file(root / "proc/diskstats", moment.disks);
    write_file(root / "sys/devices/system/edac/mc/mc0/ce_count", moment.errors);
  };
  put(moments[0]);
  watch::Signals signals(tree, machine);
  const auto first = signals.sample(10);
  put(moments[1]);
  const auto second = signals.sample(12);
  std::map<std::string, std::pair<double, double>> seen;
  for (size_t i = 0; i < signals.list().size(); ++i)
    seen[signals.list()[i].kind + ' ' + signals.list()[i].name] = {first[i], second[i]};
  const auto of = [&](const std::string& kind) {
    for (const auto& [name, values] : seen)
      if (name.rfind(kind, 0) == 0) return values;
    return std::pair{-1.0, -1.0};
  };
  CHECK(of("temperature") == std::pair{61.0, 75.0});
  CHECK(of("clock") == std::pair{3000.0, 2000.0});
  CHECK(std::isnan(of("load Processor").first));
  CHECK(of("load Processor").second == Approx(30));
  CHECK(of("disk Read").second == Approx(7812 * 512 / 2e6));
  CHECK(of("disk Written").second == Approx(0));
  CHECK(of("errors") == std::pair{2.0, 5.0});
}

TEST_CASE("a limit that cannot be meant is in no chart, and an open input is no signal") {
  struct Row {
    const char *input, *critical, *high;
    double limit;  // of the chart
    bool shown;
  };
  for (const Row& row : {Row{"40000", "95000", "80000", 95, true}, Row{"40000", "65261850", "", 0, true},
                         Row{"40000", "-273150", "80000", 80, true}, Row{"40000", "0", "0", 0, true},
                         Row{"40000", "45000", "90000", 90, true}, Row{"127000", "", "80000", 0, false},
                         Row{"-128000", "", "", 0, false}, Row{"255000", "", "", 0, false}}) {
    const Scratch root;
    write_file(root / "sys/class/hwmon/hwmon0/name", "chip\n");
    write_file(root / "sys/class/hwmon/hwmon0/temp1_input", row.input);
    write_file(root / "sys/class/hwmon/hwmon0/temp1_crit", row.critical);
    write_file(root / "sys/class/hwmon/hwmon0/temp1_max", row.high);
    write_file(root / "sys/class/hwmon/hwmon0/fan1_input", "0");  // it may turn later
    const inventory::SystemRoot tree(root.path());
    const auto machine = inventory::take_inventory(tree);
    watch::Signals signals(tree, machine);
    INFO(row.input << " " << row.critical << " " << row.high);
    REQUIRE(signals.list().size() == (row.shown ? 2 : 1));
    CHECK(signals.sample(1).size() == signals.list().size());
    CHECK(signals.list().front().kind == "fan");
    if (row.shown) CHECK(signals.list().back().high == row.limit);
    CHECK((inventory::to_text(machine).find("chip temp1: not known") == std::string::npos) == row.shown);
  }
}

TEST_CASE("a machine that shows nothing of itself has no signals") {
  const Scratch root;
  const inventory::SystemRoot tree(root.path());
  watch::Signals signals(tree, {});
  CHECK(signals.list().empty());
  CHECK(signals.sample(1).empty());
}

namespace {

/// SMBIOS: these KiB lie on the module with this handle.
std::string mapped(uint32_t first, uint32_t last, char module, uint8_t interleave) {
  std::string formatted(0x13 - 4, '\0');
  const auto put = [&](size_t offset, auto value) { std::memcpy(formatted.data() + offset - 4, &value, sizeof value); };
  put(0x04, first);
  put(0x08, last);
  put(0x0C, static_cast<uint16_t>(module));
  put(0x11, interleave);
  return structure(20, formatted, {});
}

/// The attribute `modules` of the target memory on a machine with these tables.
std::string modules_of(const std::string& tables) {
  const Scratch root;
  write_file(root / "sys/firmware/dmi/tables/DMI", tables + structure(127, "", {}));
  write_file(root / "proc/meminfo", "MemTotal: 8123456 kB\nMemAvailable: 7000000 kB\n");
  for (const core::Target& target : inventory::targets(inventory::take_inventory(inventory::SystemRoot(root.path()))))
    if (target.kind == "memory") return target.attribute("modules");
  return "no memory";
}

}  // namespace

TEST_CASE("physical addresses are given to a module only where SMBIOS leaves no doubt") {
  const std::string a = dimm(4096, "A1", "S1", 1), b = dimm(4096, "B1", "S2", 2), all = dimm(8192, "A1", "S1", 1);
  const uint32_t half = 4u << 20, whole = 8u << 20;  // KiB
  CHECK(modules_of(all) == "0 ffffffffffffffff A1\n");
  CHECK(modules_of(all + dimm(0, "B1", "", 2)) == "0 ffffffffffffffff A1\n");
  CHECK(modules_of(a).empty());                                // Linux sees more than it holds
  CHECK(modules_of(a + dimm(0xFFFF, "B1", "S2", 2)).empty());  // another one of unknown size
  CHECK(modules_of(a + a).empty());                            // one name for two
  CHECK(modules_of(dimm(8192, "", "S1", 1)).empty());          // no name
  CHECK(modules_of(a + mapped(0, whole - 1, 1, 0)).empty());   // more addresses than it is large
  CHECK(modules_of(a + b).empty());
  CHECK(modules_of(a + b + mapped(0, half - 1, 1, 0) + mapped(half, whole - 1, 2, 0)) ==
        "0 ffffffff A1\n100000000 1ffffffff B1\n");
  CHECK(modules_of(a + b + mapped(0, whole - 1, 1, 1) + mapped(0, whole - 1, 2, 2)).empty());
  CHECK(modules_of(a + b + mapped(0, whole - 1, 1, 0) + mapped(half, whole - 1, 2, 0)).empty());
  CHECK(modules_of(a + b + mapped(0, half - 1, 7, 0)).empty());
  CHECK(modules_of(a + b + mapped(half, 0, 1, 0)).empty());
}
