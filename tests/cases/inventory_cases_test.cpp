// Captured trees of odd machines: what is told of them is what the tree says.
#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "../support/captured_tree.hpp"
#include "../support/command.hpp"
#include "halves.hpp"

using namespace assay::test;
using Catch::Contains;
using nlohmann::json;

namespace {

const std::string data = source_folder() + "/tests/cases/data/";

json inventory_of(const std::string& root) {
  const auto outcome = run({program(), "inventory", "--sysroot", root, "--json"});
  INFO(outcome.errors);
  REQUIRE(outcome.exit_code == 0);
  return json::parse(outcome.output);
}

std::string told_of(const std::string& root) { return run({program(), "inventory", "--sysroot", root}).output; }

std::set<std::string> names_of(const json& list, const char* key = "name") {
  std::set<std::string> names;
  for (const json& one : list) names.insert(one[key]);
  return names;
}

std::string notes_of(const json& machine) { return machine["notes"].dump(); }

/// A tree that has what every machine has.
void lay_out_plain(const Scratch& root) {
  write_file(root / "proc/meminfo", "MemTotal: 16000000 kB\nMemAvailable: 9000000 kB\n");
  write_file(root / "sys/devices/system/cpu/online", "0\n");
  write_file(root / "sys/devices/system/cpu/present", "0\n");
}

/// One SMBIOS structure: the bytes at these offsets, and its strings.
struct Fields {
  std::string bytes;
  template <class Number>
  Fields& put(size_t offset, Number value) {
    std::memcpy(bytes.data() + offset, &value, sizeof value);
    return *this;
  }
  std::string with(const std::vector<std::string>& strings) const {
    std::string all = bytes;
    for (const std::string& text : strings) all += text + '\0';
    return all + std::string(strings.empty() ? 2 : 1, '\0');
  }
};

Fields structure(uint8_t type, uint8_t length, uint16_t handle) {
  Fields fields{std::string(length, '\0')};
  return fields.put(0, type).put(1, length).put(2, handle);
}

/// A memory device (type 17) of this many MiB in array 1.
Fields device(uint16_t handle, uint16_t size) {
  return structure(17, 0x54, handle)
      .put(0x04, uint16_t{1})
      .put(0x0C, size)
      .put(0x10, uint8_t{1})
      .put(0x12, uint8_t{0x1A})
      .put(0x18, uint8_t{2});
}

std::string array(uint16_t handle, uint8_t use) { return structure(16, 0x17, handle).put(0x05, use).with({}); }

}  // namespace

TEST_CASE("I2: flash chips, caches and modules that keep their content are no memory of the system") {
  const Scratch root;
  lay_out_tree(data + "I2-flash-rom-as-module.tree", root.path());
  const json machine = inventory_of(root.path());
  CHECK(names_of(machine["memory"]["dimms"], "slot") == std::set<std::string>{"ChannelA-DIMM0"});
  CHECK(machine["memory"]["installed_bytes"] == uint64_t{8} << 30);
  CHECK_THAT(told_of(root.path()), Contains("rom") && Contains("SPI ROM"));

  constexpr uint64_t gib = 1 << 30;
  struct Row {
    const char* name;
    std::string table;
    uint64_t installed;
  };
  const Row rows[] = {
      {"an array for cache",
       array(1, 3) + array(2, 7) + device(3, 8192).with({"A", "S"}) +
           device(4, 64).put(0x04, uint16_t{2}).with({"L4", "S"}),
       8 * gib},
      {"an EEPROM in the system's array",
       array(1, 3) + device(3, 8192).with({"A", "S"}) + device(4, 16).put(0x12, uint8_t{0x0A}).with({"B", "S"}),
       8 * gib},
      {"a module that keeps all of its content",
       array(1, 3) + device(3, 8192).with({"A", "S"}) +
           device(4, 16384).put(0x28, uint8_t{7}).put(0x34, 16 * gib).with({"B", "S"}),
       8 * gib},
      {"one that keeps a part of it, which the firmware does not size",
       array(1, 3) + device(3, 8192).with({"A", "S"}) +
           device(4, 16384).put(0x28, uint8_t{4}).put(0x34, UINT64_MAX).put(0x3C, UINT64_MAX).with({"B", "S"}),
       8 * gib},
      {"one that keeps a part of it",
       array(1, 3) + device(4, 16384).put(0x28, uint8_t{7}).put(0x34, 12 * gib).put(0x3C, 4 * gib).with({"B", "S"}),
       4 * gib},
      {"a firmware that knows no array and no technology", device(3, 8192).with({"A", "S"}), 8 * gib},
      {"an array whose use is not known", array(1, 2) + device(3, 8192).with({"A", "S"}), 8 * gib}};
  for (const Row& row : rows) {
    const Scratch tree;
    lay_out_plain(tree);
    write_file(tree / "sys/firmware/dmi/tables/DMI", row.table + structure(127, 4, 9).with({}));
    INFO(row.name);
    CHECK(inventory_of(tree.path())["memory"]["installed_bytes"] == row.installed);
  }
}

TEST_CASE("I4: what has no hardware of its own, is hidden, or is an area of a disk, is no disk") {
  const Scratch root;
  lay_out_tree(data + "I4-virtual-block-devices.tree", root.path());
  const json disks = inventory_of(root.path())["disks"];
  CHECK(names_of(disks) == std::set<std::string>{"mmcblk0", "sda"});
  for (const json& disk : disks)
    if (disk["name"] == "mmcblk0") CHECK(disk["serial"] == "0x1234abcd");
}

TEST_CASE("I4: paths to a drive, areas of one, discs and the disks of other machines are no disks") {
  const Scratch root;
  lay_out_tree(data + "I4-paths-and-areas.tree", root.path());
  const json disks = inventory_of(root.path())["disks"];
  // Of an NVMe drive with several paths the namespace lies among the virtual devices.
  REQUIRE(names_of(disks) == std::set<std::string>{"mmcblk0", "nvme0n1"});
  CHECK(disks[1]["serial"] == "MADEUP77");
  CHECK(disks[1]["transport"] == "nvme");
}

TEST_CASE("I5: each size of a cache has its count") {
  const Scratch root;
  lay_out_tree(data + "I5-hybrid-caches.tree", root.path());
  std::map<std::string, int> counts;
  const json machine = inventory_of(root.path());
  for (const json& cache : machine["processor"]["caches"])
    counts["L" + std::to_string(cache["level"].get<int>()) + " " + cache["kind"].get<std::string>() + " " +
           std::to_string(cache["bytes"].get<int>() >> 10)] = cache["count"];
  CHECK(counts == std::map<std::string, int>{{"L1 data 48", 2},
                                             {"L1 data 32", 4},
                                             {"L1 instruction 32", 2},
                                             {"L1 instruction 64", 4},
                                             {"L2 unified 1280", 2},
                                             {"L2 unified 2048", 1},
                                             {"L3 unified 12288", 1}});
}

TEST_CASE("I6: the bus of a disk is told by its place in the tree, not by where the tree lies") {
  const Scratch scratch;
  for (const char* folder : {"usb-stick/tree", "usb3/tree", "ata9/nvme0/tree"}) {
    const std::string root = scratch / folder;
    lay_out_tree(data + "I6-sysroot-path-leaks.tree", root);
    const json disks = inventory_of(root)["disks"];
    REQUIRE(disks.size() == 1);
    CHECK(disks[0]["transport"] == "sata");
  }
}

TEST_CASE("I6: a link out of the tree leads to the tree's own files, and never to this machine's") {
  const Scratch scratch;
  write_file(scratch / "outside/model", "THIS BENCH\n");
  const Scratch root;
  lay_out_plain(root);
  write_file(root / "sys/devices/pci0/nvme/nvme0/nvme0n1/size", "2000\n");
  write_file(root / "sys/devices/pci0/nvme/nvme0/model", "THE CUSTOMER'S\n");
  std::filesystem::create_directories(root / "sys/block");
  // As a tree that was copied with absolute links.
  std::filesystem::create_symlink("/sys/devices/pci0/nvme/nvme0/nvme0n1", root / "sys/block/nvme0n1");
  std::filesystem::create_symlink("../../nvme0", root / "sys/devices/pci0/nvme/nvme0/nvme0n1/device");
  std::filesystem::create_symlink(scratch / "outside", root / "sys/block/sdz");
  std::filesystem::create_symlink("../../../../../../../../../../../../sys/devices", root / "sys/class");
  write_file(root / "sys/devices/hwmon/hwmon7/name", "mine\n");
  write_file(root / "sys/devices/hwmon/hwmon7/temp1_input", "41000\n");
  std::filesystem::create_symlink("loop", root / "sys/devices/loop");
  const json machine = inventory_of(root.path());
  REQUIRE(names_of(machine["disks"]) == std::set<std::string>{"nvme0n1"});
  CHECK(machine["disks"][0]["model"] == "THE CUSTOMER'S");
  CHECK(names_of(machine["sensors"], "chip") == std::set<std::string>{"mine"});
}

TEST_CASE("I7: placeholders are pointed out, whatever their words") {
  const Scratch root;
  lay_out_tree(data + "I7-placeholder-serials.tree", root.path());
  const std::string notes = notes_of(inventory_of(root.path()));
  for (const char* serial :
       {"Type1 - Board Serial Number", "Base Board Serial Number", "SerNum0", "A1_SerialNum1", "Undefined", "[Empty]"})
    CHECK_THAT(notes, Contains(serial));
  for (const auto& [serial, noted] : std::vector<std::pair<std::string, bool>>{{"N/A", true},
                                                                               {"<none>", true},
                                                                               {"Not Available", true},
                                                                               {"0x00000000", true},
                                                                               {"--------", true},
                                                                               {"System Serial#", true},
                                                                               {"OEM", true},
                                                                               {"MADEUPM1", false},
                                                                               {"PF2NONE7", false},
                                                                               {"5CG0123TST", false},
                                                                               {"1A2B3C4D", false}}) {
    const Scratch tree;
    lay_out_plain(tree);
    write_file(tree / "sys/class/dmi/id/product_serial", serial + "\n");
    INFO(serial);
    CHECK((notes_of(inventory_of(tree.path())).find("placeholder") != std::string::npos) == noted);
  }
}

TEST_CASE("I8: a battery that says too little is not known, and an empty bay is no battery") {
  const Scratch root;
  lay_out_tree(data + "I8-batteries.tree", root.path());
  const std::string told = told_of(root.path());
  CHECK_THAT(told, !Contains("0 of 0") && !Contains("0 Wh"));
  CHECK_THAT(told, Contains("BAT0: holds 34.27 Wh when full, 37.73 Wh when new"));
  CHECK_THAT(told, Contains("BAT1: the bay is empty"));

  const Scratch other;
  lay_out_plain(other);
  write_file(other / "sys/class/power_supply/BAT0/type", "Battery\n");
  write_file(other / "sys/class/power_supply/BAT0/energy_full", "41000000\n");
  write_file(other / "sys/class/power_supply/BAT0/cycle_count", "65535\n");
  CHECK_THAT(told_of(other.path()), Contains("BAT0: holds 41 Wh when full, not known when new"));
  CHECK(inventory_of(other.path())["batteries"][0]["cycles"] == 0);
}

TEST_CASE("I9: a board without SMBIOS names itself in the device tree, and has its own caches or none") {
  const Scratch root;
  lay_out_tree(data + "I9-arm-board.tree", root.path());
  const json machine = inventory_of(root.path());
  CHECK(machine["system"]["product"] == "Raspberry Pi 4 Model B Rev 1.1");
  CHECK(machine["system"]["serial"] == "10000000deadbeef");
  CHECK(machine["processor"]["caches"].empty());
  CHECK(machine["processor"]["physical_cores"] == 4);
  CHECK(machine["processor"]["logical_online"] == 4);
}

TEST_CASE("I10: a folder that holds no machine is bad input") {
  const Scratch scratch;
  write_file(scratch / "tree/etc/os-release", "PRETTY_NAME=\"Debian GNU/Linux 12\"\n");
  std::filesystem::create_directories(scratch / "hollow/sys");
  std::filesystem::create_directories(scratch / "hollow/proc");
  for (const char* folder : {"tree", "hollow", "."}) {
    const auto outcome = run({program(), "inventory", "--sysroot", scratch / folder});
    CHECK(outcome.exit_code == 2);
    CHECK_THAT(outcome.errors, Contains("/sys"));
  }
}

TEST_CASE("a topology that cannot be read is not known, and the processors that Linux lists are still there") {
  const Scratch scratch;
  write_file(scratch / "broken.xml", "<topology><object");
  for (const std::string& file : {scratch / "broken.xml", scratch / "not-there.xml"}) {
    const auto outcome = run({program(), "inventory"}, {"HWLOC_XMLFILE=" + file});
    INFO(outcome.output << outcome.errors);
    CHECK(outcome.exit_code == 0);
    CHECK_THAT(outcome.output, Contains("topology not known") && !Contains(" 0 cores"));
    const auto as_json = run({program(), "inventory", "--json"}, {"HWLOC_XMLFILE=" + file});
    CHECK_FALSE(json::parse(as_json.output)["processor"]["usable"].empty());
  }
  const Scratch root;
  write_file(root / "proc/meminfo", "MemTotal: 16000000 kB\n");
  CHECK_THAT(told_of(root.path()), Contains("topology not known") && !Contains(" 0 cores"));
}

TEST_CASE("memory that Linux does not have is held by whom the tree names") {
  // Two modules of 8 GiB.
  const std::string table = array(1, 3) + device(3, 8192).with({"A", "S1"}) + device(4, 8192).with({"B", "S2"}) +
                            structure(127, 4, 9).with({});
  struct Row {
    const char* name;
    std::vector<std::pair<std::string, std::string>> files;
    std::string who;  // must be named; empty: nobody is
  };
  const auto range = [](const std::string& number, const char* first, const char* last, const char* kind) {
    const std::string folder = "sys/firmware/memmap/" + number + "/";
    return std::vector<std::pair<std::string, std::string>>{
        {folder + "start", first}, {folder + "end", last}, {folder + "type", kind}};
  };
  // 12 GiB for Linux, and 4 GiB at the end that the firmware has reserved.
  auto reserved = range("0", "0x0", "0xbfffffff", "System RAM");
  for (const auto& more :
       {range("1", "0x100000000", "0x33fffffff", "System RAM"), range("2", "0x341000000", "0x43fffffff", "Reserved"),
        range("3", "0xfd00000000", "0xffffffffff", "Reserved")})
    reserved.insert(reserved.end(), more.begin(), more.end());
  const Row rows[] = {{"a graphics part with memory of the system",
                       {{"sys/class/drm/card0/device/mem_info_vram_total", "4294967296"}},
                       "the graphics part card0"},
                      {"a card with memory of its own",
                       {{"sys/class/drm/card0/device/mem_info_vram_total", "4294967296"},
                        {"sys/class/drm/card0/device/mem_info_vram_vendor", "samsung"}},
                       ""},
                      {"a graphics part that claims more than is missing",
                       {{"sys/class/drm/card0/device/mem_info_vram_total", "8589934592"}},
                       ""},
                      {"memory that the driver's firmware has set aside",
                       {{"proc/iomem", "00000000-bfffffff : Reserved\n  80000000-bfffffff : Graphics Stolen Memory\n"}},
                       "the graphics part"},
                      {"a map of the firmware's", reserved, "the firmware"},
                      {"a limit on the kernel's command line", {{"proc/cmdline", "ro quiet mem=12G\n"}}, "mem=12G"},
                      {"nobody", {}, ""}};
  for (const Row& row : rows) {
    const Scratch root;
    lay_out_plain(root);
    write_file(root / "sys/firmware/dmi/tables/DMI", table);
    write_file(root / "proc/meminfo", "MemTotal: 12300000 kB\nMemAvailable: 9000000 kB\n");
    for (const auto& [file, text] : row.files) write_file(root / file, text + "\n");
    const json machine = inventory_of(root.path());
    INFO(row.name << "\n" << machine["memory"].dump(1) << notes_of(machine));
    CHECK(machine["memory"]["held"].size() == (row.who.empty() ? 0 : 1));
    CHECK_THAT(notes_of(machine), Contains("16 GiB installed") && Contains(row.who));
  }
}

TEST_CASE("the two halves of a USB 3 hub are one device, and two hubs are two") {
  const Scratch root;
  lay_out_plain(root);
  const auto add = [&](const std::string& place, const char* maker, const char* kind, const char* speed) {
    const std::string name = place.substr(place.rfind('/') + 1), folder = "sys/devices/pci0/" + place;
    write_file(root / (folder + "/idVendor"), maker);
    write_file(root / (folder + "/bDeviceClass"), kind);
    write_file(root / (folder + "/speed"), speed);
    std::filesystem::create_directories(root / "sys/bus/usb/devices");
    std::filesystem::create_symlink("/" + folder, root / ("sys/bus/usb/devices/" + name));
  };
  add("usb1", "1d6b\n", "09\n", "480\n");
  add("usb2", "1d6b\n", "09\n", "5000\n");
  add("usb1/1-5", "2109\n", "09\n", "480\n");  // a hub: its connectors say which halves belong together
  add("usb2/2-1", "2109\n", "09\n", "5000\n");
  add("usb1/1-5/1-5.2", "05e3\n", "09\n", "480\n");  // a hub behind it: the same maker and way
  add("usb2/2-1/2-5.2", "05e3\n", "09\n", "5000\n");
  add("usb1/1-5/1-5.3", "05e3\n", "09\n", "480\n");  // a hub for USB 2 alone
  add("usb1/1-7", "0951\n", "00\n", "480\n");
  const std::string port = root / "sys/devices/pci0/usb";
  std::filesystem::create_directories(port + "1/port5");
  std::filesystem::create_directories(port + "2/port1");
  std::filesystem::create_symlink("/sys/devices/pci0/usb1/port5", port + "1/1-5/port");
  std::filesystem::create_symlink("/sys/devices/pci0/usb2/port1", port + "2/2-1/port");
  std::filesystem::create_symlink("/sys/devices/pci0/usb1/port5", port + "2/port1/peer");
  const json usb = inventory_of(root.path())["usb"];
  std::map<std::string, std::string> halves;
  for (const json& device : usb) halves[device["port"]] = device["other_half"];
  CHECK(halves == std::map<std::string, std::string>{
                      {"usb2", "usb1"}, {"2-1", "1-5"}, {"2-5.2", "1-5.2"}, {"1-5.3", ""}, {"1-7", ""}});
}

TEST_CASE("the USB 2 half of a USB 3 hub is no slow device, and a USB 3 hub on a slow link is") {
  const usb::Link fast{"2109:0817", "4-1.4", 5000, 5000, true, true, ""};
  const usb::Link slow{"2109:2817", "3-1.4", 480, 5000, true, true, ""};
  const auto with = [](usb::Link link, const std::string& container, const std::string& port) {
    link.container = container;
    link.port = port;
    return link;
  };
  const auto left = [](const std::vector<usb::Link>& links) { return usb::joined(links).size(); };
  CHECK(left({fast, slow}) == 1);
  CHECK(usb::joined({slow, fast}).front().speed == 5000);
  CHECK(left({slow}) == 1);
  CHECK(left({with(fast, "7a", "2-1"), with(slow, "7a", "1-5")}) == 1);  // other ways, one device
  CHECK(left({with(fast, "7a", "4-1"), with(slow, "7b", "3-1")}) == 2);  // one way, two devices
  CHECK(left({fast, slow, with(slow, "", "3-2")}) == 2);
  CHECK(left({with(fast, "", "4-1"), with(fast, "", "4-2"), with(slow, "", "3-1"), with(slow, "", "3-2")}) == 2);
}
