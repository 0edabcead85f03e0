#include "artifacts.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <set>

#include "core/errors.hpp"
#include "core/text.hpp"
#include "core/unique_fd.hpp"
#include "folder.hpp"

namespace assay::engine {
namespace {

using core::UniqueFd;

constexpr size_t most_name = 100;
const std::string half_sealed = ".sealing-", left = ".left-";

/// Combining marks (U+0300 to U+036F): with them two names could be one on another file system.
bool has_combining_mark(const std::string& name) {
  for (size_t i = 0; i + 1 < name.size(); ++i) {
    const auto lead = static_cast<unsigned char>(name[i]), next = static_cast<unsigned char>(name[i + 1]);
    if (lead == 0xCC || (lead == 0xCD && next <= 0xAF)) return true;
  }
  return false;
}

bool is_hosts(const std::string& name) {
  constexpr std::string_view front = "series-", back = ".f64";
  return name.size() >= front.size() + back.size() && name.rfind(front, 0) == 0 &&
         name.compare(name.size() - back.size(), back.size(), back) == 0;
}

/// As a file system that does not tell case reads it.
std::string without_case(std::string name) {
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return name;
}

/// Why files were not kept, and how many for each reason.
struct Refused {
  size_t name = 0, twin = 0, kind = 0, folder = 0, size = 0, sum = 0, number = 0, unread = 0;

  std::vector<std::string> told(const ArtifactLimits& limits) const {
    const auto files = [](size_t count) { return count == 1 ? std::string("1 file") : fmt::format("{} files", count); };
    std::vector<std::string> notes;
    const auto tell = [&](size_t count, const std::string& what) {
      if (count > 0) notes.push_back(files(count) + " " + what + " not kept.");
    };
    const auto verb = [](size_t count) { return count == 1 ? "was" : "were"; };
    tell(name, fmt::format("with {} that cannot be kept {}", name == 1 ? "a name" : "names", verb(name)));
    tell(twin, fmt::format("whose name differs from another's in case alone {}", verb(twin)));
    tell(kind, fmt::format("of another kind than a plain one (a link, a pipe, a socket or a device) {}", verb(kind)));
    tell(size, fmt::format("larger than {} {}", core::format_bytes(limits.file_bytes), verb(size)));
    tell(sum, fmt::format("beyond {} in all {}", core::format_bytes(limits.all_bytes), verb(sum)));
    tell(number, fmt::format("beyond the {} that a trial may leave {}", limits.files, verb(number)));
    tell(unread, fmt::format("that could not be copied {}", verb(unread)));
    if (folder > 0)
      notes.push_back(
          fmt::format("{} {} not kept.", folder == 1 ? "1 folder" : fmt::format("{} folders", folder), verb(folder)));
    return notes;
  }
};

class Sealing {
 public:
  Sealing(int from, int to, const ArtifactLimits& limits) : from_(from), to_(to), limits_(limits) {}

  void take_own(const OwnFile& own) {
    struct stat status {};
    if (own.fd >= 0 && fstat(own.fd, &status) == 0 && copy(own.fd, static_cast<uint64_t>(status.st_size), own.name))
      names_.insert(own.name);
    else
      ++refused_.unread;
  }

  /// Those that the record names come first, the others in the order of their names.
  void take_all(const std::vector<std::string>& wanted) {
    std::set<std::string> others;
    const size_t most = limits_.files;
    each_entry(from_, [&](const std::string& name) {
      if (is_hosts(name) && names_.count(name) > 0) return true;
      if (!is_candidate(name) || std::find(wanted.begin(), wanted.end(), name) != wanted.end()) return true;
      others.insert(name);
      if (others.size() > most) others.erase(std::prev(others.end())), ++refused_.number;
      return true;
    });
    for (const std::string& name : wanted) take(name);
    for (const std::string& name : others) take(name);
  }

  Sealed result(const std::vector<std::string>& asked) const {
    Sealed sealed{{}, files_, refused_.told(limits_)};
    for (const std::string& name : asked)
      if (names_.count(name) > 0) sealed.kept.push_back(name);
    return sealed;
  }

 private:
  bool is_candidate(const std::string& name) {
    struct stat status {};
    if (fstatat(from_, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return ++refused_.unread, false;
    if (S_ISDIR(status.st_mode)) return ++refused_.folder, false;
    // One with another name can be another trial's, or anybody's.
    if (!S_ISREG(status.st_mode) || status.st_nlink != 1) return ++refused_.kind, false;
    if (!may_keep_name(name)) return ++refused_.name, false;
    if (static_cast<uint64_t>(status.st_size) > limits_.file_bytes) return ++refused_.size, false;
    return true;
  }

  void take(const std::string& name) {
    if (names_.count(name) > 0 || !may_keep_name(name)) return;
    struct stat status {};
    if (fstatat(from_, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode)) return;
    const auto bytes = static_cast<uint64_t>(status.st_size);
    if (status.st_nlink != 1 || bytes > limits_.file_bytes) return;  // has been counted
    if (files_ >= limits_.files) return static_cast<void>(++refused_.number);
    if (bytes > limits_.all_bytes - bytes_) return static_cast<void>(++refused_.sum);
    if (!without_case_.insert(without_case(name)).second) return static_cast<void>(++refused_.twin);
    constexpr int how = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    UniqueFd file(openat(from_, name.c_str(), how));
    if (!file && errno == EACCES && fchmodat(from_, name.c_str(), 0600, 0) == 0)
      file.reset(openat(from_, name.c_str(), how));
    struct stat opened {};
    const bool same = file && fstat(file.get(), &opened) == 0 && opened.st_ino == status.st_ino &&
                      opened.st_dev == status.st_dev && S_ISREG(opened.st_mode);
    if (same && copy(file.get(), bytes, name))
      names_.insert(name);
    else
      ++refused_.unread;
  }

  /// As many bytes as it had when it was looked at: who makes it longer meanwhile holds nobody up.
  bool copy(int source, uint64_t bytes, const std::string& name) {
    UniqueFd made(openat(to_, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!made) return false;
    uint64_t done = 0;
    off_t at = 0;
    static char buffer[1 << 16];
    while (done < bytes) {
      const ssize_t got = pread(source, buffer, std::min<uint64_t>(sizeof buffer, bytes - done), at);
      if (got <= 0 || write(made.get(), buffer, static_cast<size_t>(got)) != got) break;
      at += got;
      done += static_cast<uint64_t>(got);
    }
    const bool whole = done == bytes && fdatasync(made.get()) == 0;
    fchmod(made.get(), 0444);  // what cannot say so, as the file system of a stick, has no modes
    if (!whole) unlinkat(to_, name.c_str(), 0);
    if (whole) ++files_, bytes_ += std::min(bytes, limits_.all_bytes - bytes_);
    return whole;
  }

  int from_, to_;
  const ArtifactLimits limits_;
  Refused refused_;
  std::set<std::string> names_, without_case_;
  size_t files_ = 0;
  uint64_t bytes_ = 0;
};

UniqueFd open_folder(int parent, const std::string& name) {
  return UniqueFd(openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

}  // namespace

bool may_keep_name(const std::string& name) {
  return !name.empty() && name.size() <= most_name && name[0] != '.' && core::safe_text(name) == name &&
         name.find('/') == std::string::npos && !has_combining_mark(name) && !is_hosts(without_case(name));
}

Sealed seal_artifacts(const std::string& artifacts, const std::string& id, const std::vector<OwnFile>& own,
                      const std::vector<std::string>& wanted, const ArtifactLimits& limits) {
  const auto fail = [&](const char* what) {
    throw core::Trouble(artifacts + "/" + id + " " + what + ": " + std::strerror(errno));
  };
  const UniqueFd parent(open(artifacts.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!parent) fail("cannot be reached");
  const std::string new_name = half_sealed + id, old_name = left + id;
  remove_below(parent.get(), new_name);
  remove_below(parent.get(), old_name);
  // From here on there is nothing under the trial's name but what is sealed.
  if (renameat(parent.get(), id.c_str(), parent.get(), old_name.c_str()) != 0) fail("cannot be set aside");
  const UniqueFd old = open_folder(parent.get(), old_name);
  if (!old || mkdirat(parent.get(), new_name.c_str(), 0755) != 0) fail("cannot be made anew");
  const UniqueFd made = open_folder(parent.get(), new_name);
  if (!made) fail("cannot be made anew");
  Sealing sealing(old.get(), made.get(), limits);
  for (const OwnFile& file : own) sealing.take_own(file);
  sealing.take_all(wanted);
  std::vector<std::string> asked = wanted;
  for (const OwnFile& file : own) asked.push_back(file.name);
  Sealed sealed = sealing.result(asked);
  fsync(made.get());
  if (sealed.files == 0)
    unlinkat(parent.get(), new_name.c_str(), AT_REMOVEDIR);
  else if (renameat(parent.get(), new_name.c_str(), parent.get(), id.c_str()) != 0)
    fail("cannot be sealed");
  if (!remove_below(parent.get(), old_name))
    sealed.notes.emplace_back("Something that the plugin left cannot be removed.");
  fsync(parent.get());
  return sealed;
}

void remove_half_sealed(const std::string& artifacts) {
  const UniqueFd parent(open(artifacts.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!parent) return;
  std::vector<std::string> names;
  each_entry(parent.get(), [&](const std::string& name) {
    if (name.rfind(half_sealed, 0) == 0 || name.rfind(left, 0) == 0) names.push_back(name);
    return true;
  });
  for (const std::string& name : names) remove_below(parent.get(), name);
}

}  // namespace assay::engine
