#include "carry.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/unique_fd.hpp"

namespace assay::runner {
namespace {

bool carry_file(int from, int to, const char* name) {
  const core::UniqueFd source(openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat status {};
  if (!source || fstat(source.get(), &status) != 0 || !S_ISREG(status.st_mode)) return true;
  const core::UniqueFd copy(openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!copy) return true;  // a name that the file system cannot hold
  char block[1 << 16];
  for (ssize_t got; (got = read(source.get(), block, sizeof block)) > 0;)
    if (write(copy.get(), block, static_cast<size_t>(got)) != got) return false;
  return true;
}

}  // namespace

void carry_artifacts(int from, int to) {
  DIR* folder = fdopendir(dup(from));
  if (folder == nullptr) return;
  while (const dirent* entry = readdir(folder))
    if (!carry_file(from, to, entry->d_name)) break;
  closedir(folder);
}

}  // namespace assay::runner
