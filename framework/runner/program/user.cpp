#include "user.hpp"

#include <cap-ng.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <fstream>

namespace assay::runner {
namespace {

constexpr uint64_t first_own = 0x70000000, last_own = 0x7fffffff;
constexpr uint64_t first_passing = 61184, last_passing = 65519;
constexpr uid_t nobody = 65534;

/// The users that this user namespace has, from 0 on.
uint64_t users_here() {
  std::ifstream map("/proc/self/uid_map");
  uint64_t inside = 0, outside = 0, count = 0, end = 0;
  while (map >> inside >> outside >> count) end = std::max(end, inside + count);
  return end;
}

/// "CAP_SYS_RAWIO" is "sys_rawio" to the library.
int number_of(const std::string& name) {
  std::string plain = name.substr(name.rfind("CAP_", 0) == 0 ? 4 : 0);
  std::transform(plain.begin(), plain.end(), plain.begin(), [](unsigned char c) { return std::tolower(c); });
  return capng_name_to_capability(plain.c_str());
}

}  // namespace

User choose_user(bool stay_root) {
  if (geteuid() != 0 || stay_root) return {geteuid(), getegid(), false};
  const uint64_t users = users_here();
  capng_get_caps_process();
  // In a container that has one user, or took the right to change it away, root is treated as an ordinary user.
  if (users <= nobody || capng_have_capability(CAPNG_EFFECTIVE, CAP_SETUID) == 0 ||
      capng_have_capability(CAPNG_EFFECTIVE, CAP_SETGID) == 0)
    return {geteuid(), getegid(), false};
  uint32_t chance = 0;
  if (getrandom(&chance, sizeof chance, 0) != sizeof chance) chance = static_cast<uint32_t>(getpid());
  uid_t uid = nobody;
  if (users > last_own)
    uid = static_cast<uid_t>(first_own + chance % (last_own - first_own + 1));
  else if (users > last_passing)
    uid = static_cast<uid_t>(first_passing + chance % (last_passing - first_passing + 1));
  return {uid, uid, true};
}

bool become(const User& user, const std::vector<gid_t>& groups, const std::vector<std::string>& capabilities,
            bool stay_root) {
  if (stay_root) return true;
  const bool may_have = user.own && !capabilities.empty();
  if (user.own) {
    if (may_have && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) return false;
    if (setgroups(groups.size(), groups.data()) != 0 || setresgid(user.gid, user.gid, user.gid) != 0) return false;
  }
  // What it may not have goes for good before the user changes: the bounding set needs a right to be cut.
  capng_get_caps_process();
  std::vector<int> kept;
  for (const std::string& name : capabilities)
    if (const int number = number_of(name); may_have && number >= 0) kept.push_back(number);
  for (int number = 0; number <= CAP_LAST_CAP; ++number)
    if (std::find(kept.begin(), kept.end(), number) == kept.end())
      capng_update(CAPNG_DROP, CAPNG_BOUNDING_SET, static_cast<unsigned>(number));
  const bool bounded = capng_apply(CAPNG_SELECT_BOUNDS) == 0;
  if (user.own && setresuid(user.uid, user.uid, user.uid) != 0) return false;
  capng_clear(CAPNG_SELECT_CAPS);
  for (const int number : kept)
    capng_update(CAPNG_ADD, static_cast<capng_type_t>(CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_INHERITABLE),
                 static_cast<unsigned>(number));
  if (capng_apply(CAPNG_SELECT_CAPS) != 0) return false;
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  for (const int number : kept) prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number, 0, 0);
  // Changing the user hides /proc/self from its own process.
  prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
  return bounded || !user.own;
}

}  // namespace assay::runner
