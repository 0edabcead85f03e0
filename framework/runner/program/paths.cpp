#include "paths.hpp"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

#include "core/unique_fd.hpp"
#include "view.hpp"

namespace assay::runner {
namespace {

// Rights that the headers of Debian 12 do not name yet (Linux 6.2, 6.7, 6.10, 6.12: userspace-api/landlock).
constexpr uint64_t truncate_right = 1ULL << 14, ioctl_right = 1ULL << 15;
constexpr uint64_t network_rights = 3;  // to bind, and to connect, over TCP
constexpr uint64_t scopes = 3;          // abstract sockets, signals

struct Rules {
  uint64_t files = 0, network = 0, scoped = 0;
};

constexpr uint64_t read_rights =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr uint64_t write_rights = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                                  LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
                                  LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
                                  LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
                                  LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;
/// A device node or a link in the artifact folder would lead out of it.
constexpr uint64_t own_folder_rights = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                                       LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |
                                       LANDLOCK_ACCESS_FS_MAKE_REG | truncate_right | read_rights;
constexpr uint64_t file_rights = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE |
                                 LANDLOCK_ACCESS_FS_WRITE_FILE | truncate_right | ioctl_right;

Rules rules_of(int version, Network network) {
  Rules rules;
  rules.files = read_rights | write_rights;
  if (version >= 3) rules.files |= truncate_right;
  if (version >= 5) rules.files |= ioctl_right;
  if (version >= 4 && network == Network::none) rules.network = network_rights;
  if (version >= 6) rules.scoped = scopes;
  return rules;
}

class Ruleset {
 public:
  Ruleset(int version, const Rules& rules) : handled_(rules.files) {
    const size_t size = version >= 6 ? 24 : version >= 4 ? 16 : 8;
    fd_.reset(static_cast<int>(syscall(SYS_landlock_create_ruleset, &rules, size, 0)));
  }
  explicit operator bool() const { return static_cast<bool>(fd_); }

  void allow(int place, uint64_t rights) {
    struct stat status {};
    if (fstat(place, &status) != 0) return;
    landlock_path_beneath_attr rule{};
    rule.parent_fd = place;
    rule.allowed_access = rights & handled_ & (S_ISDIR(status.st_mode) ? ~uint64_t{0} : file_rights);
    syscall(SYS_landlock_add_rule, fd_.get(), LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
  }
  /// What is not there needs no rule.
  void allow(const std::string& path, uint64_t rights) {
    if (const core::UniqueFd place(open(path.c_str(), O_PATH | O_CLOEXEC)); place) allow(place.get(), rights);
  }
  bool enforce() const { return syscall(SYS_landlock_restrict_self, fd_.get(), 0) == 0; }

 private:
  core::UniqueFd fd_;
  uint64_t handled_;
};

}  // namespace

int landlock_version() {
  const long version = syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  return version < 0 ? 0 : static_cast<int>(version);
}

bool fence_paths(const Spec& spec, bool has_view) {
  const int version = landlock_version();
  if (version == 0) return false;
  Ruleset ruleset(version, rules_of(version, spec.confinement.network));
  if (!ruleset) return false;
  if (has_view) {
    ruleset.allow("/", read_rights);
    if (spec.confinement.private_temp)
      for (const char* folder : temporary_folders) ruleset.allow(folder, own_folder_rights);
  } else {
    for (const char* folder : system_folders) ruleset.allow(folder, read_rights);
    for (const char* file : system_files) ruleset.allow(file, read_rights);
    for (const char* node : {"/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/proc"})
      ruleset.allow(node, read_rights);
    for (const SpecFile& file : spec.files) ruleset.allow(file.path, read_rights);
    if (spec.confinement.processes)
      for (const std::string& place : places_of_programs()) ruleset.allow(place, read_rights);
  }
  ruleset.allow(artifacts_fd, own_folder_rights);
  ruleset.allow("/dev/null", LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE);
  for (const std::string& node : spec.confinement.devices)
    ruleset.allow(node, LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | ioctl_right);
  return ruleset.enforce();
}

}  // namespace assay::runner
