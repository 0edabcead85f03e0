#include "mounts.hpp"

#include <algorithm>
#include <sstream>

#include "core/text.hpp"

namespace assay::inventory {
namespace {

/// Space, tab, newline and backslash stand in these tables as octal numbers.
std::string unescaped(const std::string& text) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool octal =
        text[i] == '\\' && i + 3 < text.size() &&
        std::all_of(text.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                    text.begin() + static_cast<std::ptrdiff_t>(i) + 4, [](char c) { return c >= '0' && c <= '7'; });
    if (octal) {
      result += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + text[i + 3] - '0');
      i += 3;
    } else {
      result += text[i];
    }
  }
  return result;
}

/// "/dev/mapper/root" is "dm-0"; what is no device has no name.
std::string device_name(const SystemRoot& root, const std::string& source) {
  if (source.rfind("/dev/", 0) != 0) return "";
  const std::string real = root.resolved(source);
  const std::string& path = real.empty() ? source : real;
  return path.substr(path.rfind('/') + 1);
}

std::vector<std::string> device_names(const SystemRoot& root, const std::string& source, const std::string& type) {
  std::vector<std::string> names;
  for (const std::string& part : core::split(source, type == "bcachefs" ? ':' : '\n'))
    if (const std::string name = device_name(root, part); !name.empty()) names.push_back(name);
  if (type != "btrfs" || names.empty()) return names;
  // The table names one device of a btrfs; all of them stand here.
  for (const std::string& system : root.list("/sys/fs/btrfs")) {
    auto members = root.list("/sys/fs/btrfs/" + system + "/devices");
    if (std::find(members.begin(), members.end(), names[0]) != members.end()) return members;
  }
  return names;
}

bool writable(const std::string& options) { return options == "rw" || options.rfind("rw,", 0) == 0; }

/// 36 35 98:0 / /mnt rw,noatime master:1 - ext4 /dev/sda1 rw,errors=continue
bool parse_mountinfo(const SystemRoot& root, const std::string& line, Mount& mount) {
  std::istringstream words(line);
  std::string parent, within, options, word, type, source, super;
  if (!(words >> mount.id >> parent >> mount.number >> within >> mount.point >> options)) return false;
  while (words >> word && word != "-") {
  }
  if (!(words >> type >> source >> super)) return false;
  mount.point = unescaped(mount.point);
  mount.sources = device_names(root, unescaped(source), type);
  mount.writable = writable(options) && writable(super);
  return true;
}

bool parse_mounts(const SystemRoot& root, const std::string& line, Mount& mount) {
  std::istringstream words(line);
  std::string source, type, options;
  if (!(words >> source >> mount.point >> type >> options)) return false;
  mount.point = unescaped(mount.point);
  mount.sources = device_names(root, unescaped(source), type);
  mount.writable = writable(options);
  return true;
}

}  // namespace

std::vector<Mount> read_mounts(const SystemRoot& root) {
  std::vector<Mount> mounts;
  const auto full = root.bytes("/proc/self/mountinfo");
  for (const std::string& line : core::split(full ? *full : root.bytes("/proc/mounts").value_or(""), '\n')) {
    Mount mount;
    if (full ? parse_mountinfo(root, line, mount) : parse_mounts(root, line, mount)) mounts.push_back(mount);
  }
  return mounts;
}

}  // namespace assay::inventory
