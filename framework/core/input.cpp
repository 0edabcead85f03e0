#include "core/input.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "core/errors.hpp"
#include "core/text.hpp"
#include "core/unique_fd.hpp"

namespace assay::core {

std::string read_input(const std::string& path, size_t most) {
  if (path.find('\0') != std::string::npos) throw BadInput(path + ": no such file");
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file) throw BadInput(path + ": cannot be read: " + std::strerror(errno));
  struct stat status {};
  if (fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) throw BadInput(path + ": is not a regular file");
  const auto too_large = [&] {
    return BadInput(path + ": is larger than " + format_bytes(most) + ", and is not read");
  };
  if (static_cast<uint64_t>(status.st_size) > most) throw too_large();
  std::string text(most + 1, '\0');
  size_t size = 0;
  for (ssize_t got = 1; got != 0 && size < text.size();) {
    got = read(file.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw BadInput(path + ": cannot be read: " + std::strerror(errno));
    size += static_cast<size_t>(got);
  }
  if (size > most) throw too_large();
  text.resize(size);
  return text;
}

std::string write_failure(int error) {
  const std::string why = std::strerror(error);
  if (error == EFBIG) return why + ": the limit on the size of a file (`ulimit -f`) was met";
  if (error == ENOSPC || error == EDQUOT) return why + ": make room there, or name another folder";
  return why;
}

}  // namespace assay::core
