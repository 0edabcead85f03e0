// From a kind of device to nodes: what sysfs lists, and nothing that merely bears its name.
#include "device_nodes.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <set>

#include <nlohmann/json.hpp>

#include "../support/command.hpp"
#include "manifest/check.hpp"

using namespace assay;
using test::Scratch;
using Nodes = std::vector<std::string>;

namespace {

/// A made-up machine's /sys and /dev.
class Tree {
 public:
  void entry(const std::string& place, const std::string& number, const std::string& name) const {
    std::filesystem::create_directories(scratch_ / place);
    test::write_file(scratch_ / place + "/dev", number + "\n");
    test::write_file(scratch_ / place + "/uevent", "MAJOR=1\nDEVNAME=" + name + "\n");
  }
  void node(const std::string& name, mode_t type, unsigned major_number, unsigned minor_number) const {
    const std::string path = scratch_ / ("dev/" + name);
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    REQUIRE(mknod(path.c_str(), type | 0600, makedev(major_number, minor_number)) == 0);
  }
  void link(const std::string& name, const std::string& target) const {
    const std::string path = scratch_ / ("dev/" + name);
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::filesystem::create_symlink(target, path);
  }
  inventory::SystemRoot root() const { return inventory::SystemRoot(scratch_.path()); }
  std::string operator/(const std::string& name) const { return scratch_ / name; }

 private:
  Scratch scratch_;
};

bool can_make_nodes() {
  const Scratch scratch;
  if (geteuid() == 0 && mknod((scratch / "null").c_str(), S_IFCHR | 0600, makedev(1, 3)) == 0) return true;
  WARN("skipped: no device nodes can be made here");
  return false;
}

const core::Target machine{"machine", "machine", "machine", {}, false};

core::Target disk(const std::string& path) { return {"disk:x", "disk", path, {{"path", path}}, false}; }

}  // namespace

TEST_CASE("every kind that a manifest may name has its way to be found") {
  const auto schema = nlohmann::json::parse(manifest::schema());
  std::set<std::string> listed;
  for (const auto& kind : schema["definitions"]["device"]["enum"]) listed.insert(kind.get<std::string>());
  const Nodes kinds = engine::device_kinds();
  CHECK(std::set<std::string>(kinds.begin(), kinds.end()) == listed);
}

TEST_CASE("a kind is what sysfs lists, with the very numbers, and no link") {
  if (!can_make_nodes()) return;
  const Tree tree;
  const std::string usb = "sys/bus/usb/devices/";
  tree.entry(usb + "usb1", "189:0", "bus/usb/001/001");
  tree.node("bus/usb/001/001", S_IFCHR, 189, 0);
  std::filesystem::create_directories(tree / (usb + "1-0:1.0"));  // an interface has no node
  tree.entry(usb + "1-1", "189:1", "bus/usb/001/002");            // the node of another device
  tree.node("bus/usb/001/002", S_IFCHR, 1, 3);
  tree.entry(usb + "1-2", "189:2", "bus/usb/001/003");  // a link that leads elsewhere
  tree.node("kmem", S_IFCHR, 189, 2);
  tree.link("bus/usb/001/003", "../../../kmem");
  tree.entry(usb + "1-3", "189:3", "../etc/shadow");  // a name that climbs
  tree.entry(usb + "1-4", "8:0", "sda");              // not USB's number
  tree.node("sda", S_IFBLK, 8, 0);
  tree.entry(usb + "1-5", "189:5", "bus/usb/002/001");  // a link on the way
  tree.node("bus/elsewhere/001", S_IFCHR, 189, 5);
  tree.link("bus/usb/002", "../elsewhere");
  tree.entry(usb + "1-6", "189:6", "bus/usb/001/009");  // gone
  tree.entry(usb + "1-7", "189:7", "bus/usb/001/007");  // a block device of the same numbers
  tree.node("bus/usb/001/007", S_IFBLK, 189, 7);
  CHECK(engine::device_nodes("usb", machine, tree.root()) == Nodes{"/dev/bus/usb/001/001"});
  CHECK(engine::device_nodes("sound", machine, tree.root()).empty());
  CHECK(engine::device_nodes("everything", machine, tree.root()).empty());
}

TEST_CASE("a serial port belongs to hardware; a terminal is none") {
  if (!can_make_nodes()) return;
  const Tree tree;
  tree.entry("sys/class/tty/ttyS0", "4:64", "ttyS0");
  std::filesystem::create_directories(tree / "sys/class/tty/ttyS0/device");
  tree.node("ttyS0", S_IFCHR, 4, 64);
  tree.entry("sys/class/tty/tty1", "4:1", "tty1");
  tree.node("tty1", S_IFCHR, 4, 1);
  CHECK(engine::device_nodes("serial", machine, tree.root()) == Nodes{"/dev/ttyS0"});
}

TEST_CASE("a target's node is that disk alone; an NVMe disk's controller is with it") {
  if (!can_make_nodes()) return;
  const Tree tree;
  for (const auto& [name, minor_number] : {std::pair{"sda", 0u}, std::pair{"sdb", 16u}}) {
    tree.entry(std::string("sys/class/block/") + name, "8:" + std::to_string(minor_number), name);
    tree.node(name, S_IFBLK, 8, minor_number);
  }
  tree.entry("sys/class/block/nvme0n1", "259:0", "nvme0n1");
  tree.entry("sys/class/block/nvme0n1/device", "240:0", "nvme0");
  tree.node("nvme0n1", S_IFBLK, 259, 0);
  tree.node("nvme0", S_IFCHR, 240, 0);
  tree.link("by-id", "sda");
  struct Row {
    core::Target target;
    Nodes nodes;
  };
  const Row table[] = {
      {disk("/dev/sda"), {"/dev/sda"}},
      {disk("/dev/nvme0n1"), {"/dev/nvme0n1", "/dev/nvme0"}},
      {disk("/dev/by-id"), {}},
      {disk("/dev/../dev/sda"), {}},
      {disk("/etc/shadow"), {}},
      {disk("/dev/sdz"), {}},
      {machine, {}},
      {{"disk:stand-in", "disk", "stand-in", {{"path", "/dev/sda"}, {"stand_in", "1"}}, true}, {}},
  };
  for (const Row& row : table) {
    INFO(row.target.attribute("path"));
    CHECK(engine::device_nodes("target-node", row.target, tree.root()) == row.nodes);
  }
}
