#include "residue.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>

#include "core/text.hpp"

namespace assay::runner {
namespace {

int entries(const char* folder) {
  int count = 0;
  DIR* directory = opendir(folder);
  if (directory == nullptr) return 0;
  while (const dirent* entry = readdir(directory))
    if (entry->d_name[0] != '.') ++count;
  closedir(directory);
  return count;
}

/// Without the kernel's own workers for io_uring, which it takes away in its own time.
int own_threads() {
  int count = 0;
  DIR* directory = opendir("/proc/self/task");
  if (directory == nullptr) return 0;
  while (const dirent* entry = readdir(directory)) {
    if (entry->d_name[0] == '.') continue;
    const std::string name = core::read_file(std::string("/proc/self/task/") + entry->d_name + "/comm").value_or("");
    if (name.rfind("iou-", 0) != 0) ++count;
  }
  closedir(directory);
  return count;
}

}  // namespace

Residue count_residue() {
  Residue residue;
  residue.threads = own_threads();
  residue.descriptors = entries("/proc/self/fd") - 1;  // the folder itself
  const std::string path = "/proc/self/task/" + std::to_string(getpid()) + "/children";
  const std::string children = core::read_file(path).value_or("");
  residue.children = static_cast<int>(std::count(children.begin(), children.end(), ' '));
  return residue;
}

}  // namespace assay::runner
