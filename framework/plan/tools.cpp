#include "tools.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "core/text.hpp"

namespace assay::plan {

bool is_installed(const std::string& program) {
  const char* path = std::getenv("PATH");
  const auto folders = core::split(path == nullptr ? "/usr/sbin:/usr/bin:/sbin:/bin" : path, ':');
  return std::any_of(folders.begin(), folders.end(),
                     [&](const std::string& folder) { return access((folder + "/" + program).c_str(), X_OK) == 0; });
}

}  // namespace assay::plan
