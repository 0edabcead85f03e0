#include "journal/run_files.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <cstring>
#include <filesystem>

#include "core/errors.hpp"
#include "core/hash.hpp"
#include "core/text.hpp"
#include "core/unique_fd.hpp"

namespace assay::journal {

namespace {
constexpr off_t most_samples_bytes = off_t{1} << 30;  // 60 days at ten samples a second
}

RunFiles::RunFiles(const std::string& run) {
  if (run.empty()) return;
  const std::filesystem::path path(run);
  folder_ = std::filesystem::is_directory(path) ? run : path.has_parent_path() ? path.parent_path().string() : ".";
}

RunFiles::RunFiles(const std::string& run, std::map<std::string, std::string> sealed) : RunFiles(run) {
  sealed_ = std::move(sealed);
}

void RunFiles::check(const std::string& file, const std::string& sha256) const {
  if (sealed_ && sealed_->at(file) != sha256)
    throw core::Trouble(file + " was changed while the report was drawn; see `assay report verify`");
}

/// A regular file below the folder, without links on the way; -1 otherwise.
int RunFiles::open_inside(const std::string& file) const {
  if (folder_.empty() || file.empty() || (sealed_ && sealed_->count(file) == 0)) return -1;
  const core::UniqueFd folder(open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return -1;
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  core::UniqueFd found(static_cast<int>(syscall(SYS_openat2, folder.get(), file.c_str(), &how, sizeof how)));
  struct stat status {};
  if (!found || fstat(found.get(), &status) != 0 || !S_ISREG(status.st_mode)) return -1;
  return found.release();
}

bool RunFiles::samples(const std::string& file, const std::function<void(double, double)>& take) const {
  const core::UniqueFd fd(open_inside(file));
  struct stat status {};
  if (!fd || fstat(fd.get(), &status) != 0 || status.st_size > most_samples_bytes) return false;
  std::array<double, 2 * 4096> block;
  core::Sha256 hash;
  size_t kept = 0;  // bytes at the front, of a pair that has not come whole yet
  while (true) {
    const ssize_t got = read(fd.get(), reinterpret_cast<char*>(block.data()) + kept, sizeof block - kept);
    if (got == 0) check(file, hash.hex());
    if (got <= 0) return got == 0;
    hash.add({reinterpret_cast<const char*>(block.data()) + kept, static_cast<size_t>(got)});
    const size_t bytes = kept + static_cast<size_t>(got), pairs = bytes / (2 * sizeof(double));
    for (size_t i = 0; i < pairs; ++i)
      if (std::isfinite(block[2 * i]) && std::isfinite(block[2 * i + 1])) take(block[2 * i], block[2 * i + 1]);
    kept = bytes - pairs * 2 * sizeof(double);
    std::memmove(block.data(), block.data() + 2 * pairs, kept);
  }
}

std::optional<std::string> RunFiles::text(const std::string& file, size_t most) const {
  const core::UniqueFd fd(open_inside(file));
  if (!fd) return std::nullopt;
  std::string text(most + 1, '\0');
  size_t size = 0;
  for (ssize_t got; size < text.size() && (got = read(fd.get(), text.data() + size, text.size() - size)) > 0;)
    size += static_cast<size_t>(got);
  if (size > most) return std::nullopt;
  text.resize(size);
  check(file, core::sha256(text));
  return text;
}

}  // namespace assay::journal
