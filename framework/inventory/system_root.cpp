#include "inventory/system_root.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <deque>
#include <filesystem>
#include <fstream>

#include "core/errors.hpp"
#include "core/text.hpp"

namespace assay::inventory {

namespace fs = std::filesystem;

SystemRoot::SystemRoot(std::string root) : root_(std::move(root)) {
  while (!root_.empty() && root_.back() == '/') root_.pop_back();
  if (!root_.empty() && !fs::is_directory(root_)) throw core::BadInput("--sysroot " + root_ + ": no such folder");
}

bool SystemRoot::holds_machine() const { return !list("/sys").empty() || !list("/proc").empty(); }

std::string SystemRoot::place(const std::string& below) const {
  if (is_machine()) return below;
  const std::string real = resolved(below);
  return real.empty() ? "" : root_ + real;
}

std::optional<std::string> SystemRoot::bytes(const std::string& below) const {
  struct stat status {};
  const std::string real = place(below);
  if (real.empty()) return std::nullopt;
  errno = 0;
  if (stat(real.c_str(), &status) != 0) {
    if (errno != ENOENT && errno != ENOTDIR) note_problem(below, std::strerror(errno));
    return std::nullopt;
  }
  if (!S_ISREG(status.st_mode)) return std::nullopt;
  errno = 0;
  auto result = core::read_file(real, 1 << 20);
  // ENODATA, EINVAL, ENXIO...: the attribute exists and the device has no value for it.
  if (!result && (errno == EACCES || errno == EPERM || errno == EIO)) note_problem(below, std::strerror(errno));
  return result;
}

std::optional<std::string> SystemRoot::text(const std::string& below) const {
  const auto raw = bytes(below);
  if (!raw) return std::nullopt;
  return core::trimmed(core::safe_text(core::trimmed(*raw), 1 << 16, true));
}

std::optional<int64_t> SystemRoot::number(const std::string& below) const {
  const auto given = text(below);
  int64_t value = 0;
  if (!given || given->empty()) return std::nullopt;
  const auto [end, fault] = std::from_chars(given->data(), given->data() + given->size(), value);
  return fault == std::errc() ? std::optional(value) : std::nullopt;
}

std::vector<std::string> SystemRoot::list(const std::string& below) const {
  std::vector<std::string> names;
  const std::string real = place(below);
  if (real.empty()) return names;
  std::error_code error;
  for (auto it = fs::directory_iterator(real, error); !error && it != fs::directory_iterator(); it.increment(error))
    names.push_back(it->path().filename().string());
  if (error && error != std::errc::no_such_file_or_directory && error != std::errc::not_a_directory)
    note_problem(below, error.message());
  std::sort(names.begin(), names.end());
  return names;
}

bool SystemRoot::exists(const std::string& below) const {
  std::error_code error;
  const std::string real = place(below);
  return !real.empty() && fs::exists(real, error);
}

std::string SystemRoot::link_name(const std::string& below) const {
  std::error_code error;
  const size_t slash = below.rfind('/');
  const std::string folder = place(below.substr(0, slash));
  return folder.empty() ? "" : fs::read_symlink(folder + below.substr(slash), error).filename().string();
}

/// As the machine itself would walk it: a link's target, absolute or with "..", never leaves the tree.
std::string SystemRoot::resolved(const std::string& below) const {
  std::error_code error;
  if (is_machine()) {
    const fs::path result = fs::canonical(below, error);
    return error ? std::string() : result.string();
  }
  constexpr int most_links = 40;  // as Linux has it
  std::deque<std::string> ahead;
  const auto put_ahead = [&](const std::string& path) {
    const auto parts = core::split(path, '/');
    ahead.insert(ahead.begin(), parts.begin(), parts.end());
  };
  put_ahead(below);
  std::string done;
  for (int links = 0; !ahead.empty();) {
    const std::string part = ahead.front();
    ahead.pop_front();
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      done.erase(std::min(done.rfind('/'), done.size()));
      continue;
    }
    struct stat status {};
    const std::string next = done + "/" + part;
    if (lstat((root_ + next).c_str(), &status) != 0) {
      if (errno != ENOENT && errno != ENOTDIR) note_problem(below, std::strerror(errno));
      return "";
    }
    if (!S_ISLNK(status.st_mode)) {
      done = next;
      continue;
    }
    const std::string target = fs::read_symlink(root_ + next, error).string();
    if (error || ++links > most_links) return "";
    if (target.rfind('/', 0) == 0) done.clear();
    put_ahead(target);
  }
  return done.empty() ? "/" : done;
}

void SystemRoot::note_problem(const std::string& what, const std::string& reason) const {
  for (const Problem& problem : problems_)
    if (problem.what == what) return;
  problems_.push_back({what, reason});
}

}  // namespace assay::inventory
