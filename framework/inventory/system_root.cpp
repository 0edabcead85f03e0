#include "inventory/system_root.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
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

std::optional<std::string> SystemRoot::bytes(const std::string& below) const {
  struct stat status {};
  errno = 0;
  if (stat(path(below).c_str(), &status) != 0) {
    if (errno != ENOENT && errno != ENOTDIR) note_problem(below, std::strerror(errno));
    return std::nullopt;
  }
  if (!S_ISREG(status.st_mode)) return std::nullopt;
  errno = 0;
  auto result = core::read_file(path(below), 1 << 20);
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
  std::error_code error;
  for (auto it = fs::directory_iterator(path(below), error); !error && it != fs::directory_iterator();
       it.increment(error))
    names.push_back(it->path().filename().string());
  if (error && error != std::errc::no_such_file_or_directory && error != std::errc::not_a_directory)
    note_problem(below, error.message());
  std::sort(names.begin(), names.end());
  return names;
}

bool SystemRoot::exists(const std::string& below) const {
  std::error_code error;
  return fs::exists(path(below), error);
}

std::string SystemRoot::link_name(const std::string& below) const {
  std::error_code error;
  return fs::read_symlink(path(below), error).filename().string();
}

std::string SystemRoot::resolved(const std::string& below) const {
  std::error_code error;
  const fs::path result = fs::canonical(path(below), error);
  return error ? std::string() : result.string();
}

void SystemRoot::note_problem(const std::string& what, const std::string& reason) const {
  for (const Problem& problem : problems_)
    if (problem.what == what) return;
  problems_.push_back({what, reason});
}

}  // namespace assay::inventory
