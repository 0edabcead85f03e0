// Who a trial is: an unprivileged user of its own, with the capabilities that the station allowed and no others.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace assay::runner {

struct User {
  uid_t uid = 0;
  gid_t gid = 0;
  bool own = false;  // nobody else's; false where this process may not change its user, or must not
};

/// For root: a user that nothing on the machine belongs to, another for each trial. The numbers from 0x70000000 to
/// 0x7fffffff are unused by convention (systemd's "Users, Groups, UIDs and GIDs"); in a container that has fewer, one
/// from systemd's range for passing users; in one that has hardly any, 65534. For others, or `stay_root`: as it is.
User choose_user(bool stay_root);

/// Becomes that user, in `groups` beside, with just these capabilities ("CAP_SYS_RAWIO"), for programs that it starts
/// as well. Without a user of its own it keeps its user and gives the capabilities away. False when Linux refused.
bool become(const User& user, const std::vector<gid_t>& groups, const std::vector<std::string>& capabilities,
            bool stay_root);

}  // namespace assay::runner
