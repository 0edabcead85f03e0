#include "inventory/block_use.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include "core/text.hpp"
#include "mounts.hpp"

namespace assay::inventory {
namespace {

/// Where the running system has what it cannot do without, a live system on a stick included.
constexpr const char* system_points[] = {
    "/", "/usr", "/var", "/boot", "/boot/efi", "/nix", "/run/live/medium", "/run/initramfs/live", "/cdrom"};

std::string folder_of(const std::string& name) { return "/sys/class/block/" + name; }

std::vector<std::string> partitions(const SystemRoot& root, const std::string& name) {
  std::vector<std::string> found;
  for (const std::string& folder : {folder_of(name), "/sys/block/" + name})
    for (const std::string& below : root.list(folder))
      if (below.rfind(name, 0) == 0 && std::find(found.begin(), found.end(), below) == found.end())
        found.push_back(below);
  return found;
}

std::vector<std::string> holders(const SystemRoot& root, const std::string& disk, const std::string& name) {
  std::set<std::string> found;
  for (const std::string& folder : {folder_of(name), "/sys/block/" + name, "/sys/block/" + disk + "/" + name})
    for (const std::string& holder : root.list(folder + "/holders")) found.insert(holder);
  return {found.begin(), found.end()};
}

/// What is built on a device: "the RAID md0", "the LVM volume dm-0".
std::string kind_of(const SystemRoot& root, const std::string& holder) {
  if (holder.rfind("md", 0) == 0) return "the RAID " + holder;
  if (holder.rfind("dm-", 0) != 0) return "the device " + holder;
  std::string uuid = root.text(folder_of(holder) + "/dm/uuid").value_or("");
  if (uuid.empty()) uuid = root.text("/sys/block/" + holder + "/dm/uuid").value_or("");
  if (uuid.rfind("LVM-", 0) == 0) return "the LVM volume " + holder;
  if (uuid.rfind("CRYPT-", 0) == 0) return "the encrypted volume " + holder;
  return "the mapped device " + holder;
}

std::string number_of(const SystemRoot& root, const std::string& disk, const std::string& name) {
  for (const std::string& folder : {folder_of(name), "/sys/block/" + name, "/sys/block/" + disk + "/" + name})
    if (const auto number = root.text(folder + "/dev")) return *number;
  return "";
}

/// A file can have several names.
bool same_file(const SystemRoot& root, const std::string& one, const std::string& other) {
  const std::string first = root.resolved(one), second = root.resolved(other);
  std::error_code error;
  return !first.empty() && !second.empty() && std::filesystem::equivalent(root.path(first), root.path(second), error);
}

/// Loop devices that are made of a file, or of another device.
std::vector<std::string> loops_over(const SystemRoot& root, const std::string& path) {
  std::vector<std::string> found;
  for (const std::string& name : root.list("/sys/block")) {
    const std::string backing = root.text("/sys/block/" + name + "/loop/backing_file").value_or("");
    if (!backing.empty() && (backing == path || same_file(root, backing, path))) found.push_back(name);
  }
  return found;
}

class Finder {
 public:
  explicit Finder(const SystemRoot& root)
      : root_(root), mounts_(read_mounts(root)), swaps_(root.bytes("/proc/swaps").value_or("")) {}

  BlockUse find(const std::string& disk) {
    look_at(disk, disk);
    for (const std::string& part : partitions(root_, disk)) look_at(disk, part);
    return std::move(use_);
  }

  bool is_swap(const std::string& path) const {
    for (const std::string& line : core::split(swaps_, '\n'))
      if (line.rfind(path + " ", 0) == 0 || line.rfind(path + "\t", 0) == 0) return true;
    return false;
  }

 private:
  void look_at(const std::string& disk, const std::string& name) {
    if (!seen_.insert(name).second) return;
    const std::string number = number_of(root_, disk, name);
    bool mounted = false;
    for (const Mount& mount : mounts_) {
      const bool source = std::find(mount.sources.begin(), mount.sources.end(), name) != mount.sources.end();
      if (!source && (number.empty() || mount.number != number)) continue;
      mounted = true;
      const bool system =
          std::find(std::begin(system_points), std::end(system_points), mount.point) != std::end(system_points);
      use_.system = use_.system || system;
    }
    if (mounted) use_.reasons.push_back(name + " is mounted");
    if (is_swap("/dev/" + name)) use_.reasons.push_back(name + " is swap space");
    for (const std::string& loop : loops_over(root_, "/dev/" + name)) {
      use_.reasons.push_back("the loop device " + loop + " is made of " + name);
      look_at(loop, loop);
      for (const std::string& part : partitions(root_, loop)) look_at(loop, part);
    }
    for (const std::string& holder : holders(root_, disk, name)) {
      use_.reasons.push_back(name + " is part of " + kind_of(root_, holder));
      look_at(holder, holder);
      for (const std::string& part : partitions(root_, holder)) look_at(holder, part);
    }
  }

  const SystemRoot& root_;
  std::vector<Mount> mounts_;
  std::string swaps_;
  std::set<std::string> seen_;
  BlockUse use_;
};

BlockUse file_use(const SystemRoot& root, const std::string& path) {
  BlockUse use;
  const std::string found = root.resolved(path), real = found.empty() ? path : found;
  if (Finder(root).is_swap(real)) use.reasons.push_back("it is swap space");
  for (const std::string& name : loops_over(root, real))
    use.reasons.push_back("the loop device " + name + " is made of it");
  return use;
}

/// The disks below a device: itself, or what a mapped device or a RAID is made of.
void collect_disks(const SystemRoot& root, const std::string& name, std::set<std::string>& disks, int depth = 0) {
  const auto below = root.list(folder_of(name) + "/slaves");
  if (!below.empty() && depth < 8) {
    for (const std::string& slave : below) collect_disks(root, slave, disks, depth + 1);
    return;
  }
  // A partition's folder lies in its disk's.
  const std::string place = root.resolved(folder_of(name));
  const bool part = root.exists(folder_of(name) + "/partition");
  const std::string parent = place.substr(0, place.rfind('/'));
  disks.insert(part ? parent.substr(parent.rfind('/') + 1) : name);
}

}  // namespace

BlockUse block_use(const SystemRoot& root, const std::string& path) {
  const std::string real = root.resolved(path);  // of /dev/disk/by-id/...
  const std::string name = (real.empty() ? path : real).substr((real.empty() ? path : real).rfind('/') + 1);
  const bool device =
      path.rfind("/dev/", 0) == 0 && (root.exists(folder_of(name)) || root.exists("/sys/block/" + name));
  return device ? Finder(root).find(name) : file_use(root, path);
}

WritableFolder writable_folder(const SystemRoot& root, const std::string& path) {
  const std::string real = root.resolved(path);
  const std::string name = (real.empty() ? path : real).substr((real.empty() ? path : real).rfind('/') + 1);
  WritableFolder best;
  int64_t most = 0;
  for (const Mount& mount : read_mounts(root)) {
    if (!mount.writable || mount.sources.empty()) continue;
    std::set<std::string> disks;
    for (const std::string& source : mount.sources) collect_disks(root, source, disks);
    if (disks != std::set{name} && mount.sources != std::vector{name}) continue;
    const int64_t size = root.number(folder_of(mount.sources[0]) + "/size").value_or(0);
    if (best.path.empty() || size > most) best = {mount.point, mount.id}, most = size;
  }
  return best;
}

}  // namespace assay::inventory
