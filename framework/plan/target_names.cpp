#include "plan/target_names.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <set>

#include "core/errors.hpp"
#include "core/text.hpp"

namespace assay::plan {
namespace {

namespace fs = std::filesystem;

/// "naa.5000C500A1B2C3D4", "0x5000c500a1b2c3d4" and "wwn-0x5000c500a1b2c3d4" are one name.
std::string plain_wwn(std::string name) {
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const std::string prefix : {"wwn-", "naa.", "eui.", "nvme-", "0x"})
    if (name.rfind(prefix, 0) == 0) name.erase(0, prefix.size());
  return name;
}

bool is_link_by_id(const std::string& name) {
  return fs::path(name).lexically_normal().parent_path() == "/dev/disk/by-id";
}

bool has_own_name(const core::Target& target) {
  return !target.attribute("wwn").empty() ||
         (!target.attribute("serial").empty() && target.attribute("weak_serial").empty());
}

/// How the one that is meant can be called instead.
std::string better_name(const core::Target& target) {
  return has_own_name(target) && !target.attribute("wwn").empty() ? target.attribute("wwn") : target.attribute("path");
}

}  // namespace

bool is_path_of(const core::Target& target, const std::string& wanted) {
  const std::string path = target.attribute("path");
  if (path.empty() || wanted.empty()) return false;
  if (wanted == path) return true;
  struct stat one {
  }, other{};
  if (stat(wanted.c_str(), &one) != 0 || stat(path.c_str(), &other) != 0) return false;
  // A device can have several nodes.
  if (S_ISBLK(one.st_mode) && S_ISBLK(other.st_mode)) return one.st_rdev == other.st_rdev;
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

bool is_given_up_as(const core::Target& target, const std::string& name) {
  if (name.empty() || target.attribute("path").empty()) return false;
  const std::string wwn = target.attribute("wwn");
  if (name == target.attribute("serial") || (!wwn.empty() && plain_wwn(name) == plain_wwn(wwn))) return true;
  return (is_link_by_id(name) || !has_own_name(target)) && is_path_of(target, name);
}

void check_given_up(const std::vector<core::Target>& chosen, const std::vector<core::Target>& all,
                    const std::string& name) {
  const auto means = [&](const core::Target& target) { return is_given_up_as(target, name); };
  if (std::none_of(chosen.begin(), chosen.end(), means))
    throw core::BadInput("--erase " + core::safe_text(name, 80) +
                         ": no target has this serial number or world-wide name, or this path and no such name; see "
                         "`assay inventory`");
  std::set<std::string> ids;
  std::string others;
  for (const core::Target& target : all)
    if (means(target) && ids.insert(target.id).second)
      others += (others.empty() ? "" : ", or --erase ") + better_name(target);
  if (ids.size() > 1)
    throw core::BadInput("--erase " + core::safe_text(name, 80) + ": " + std::to_string(ids.size()) +
                         " disks have this name, so it names none; say which: --erase " + others);
}

}  // namespace assay::plan
