// Puts another machine's files in the place of this one's, for one program.
#pragma once

#include <string>
#include <vector>

namespace assay::test {

struct Instead {
  std::string path;  // of this machine: "/sys/class/hwmon"; need not be there, but the folder that it is in
  std::string by;    // the file or folder that the program finds there
};

/// `arguments` as a command that runs in a mount namespace of its own, with these in their places. What is in a folder
/// of `by` can be changed while it runs. Needs root.
std::vector<std::string> in_place(const std::vector<Instead>& instead, const std::vector<std::string>& arguments);

/// Whether in_place() works here; says by name that the test is skipped where it does not.
bool can_put_in_place();

}  // namespace assay::test
