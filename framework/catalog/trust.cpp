#include "catalog/trust.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <filesystem>
#include <vector>

namespace assay::catalog {
namespace {

namespace fs = std::filesystem;

bool trusted_owner(uid_t owner) {
  if (owner == 0) return true;
  const char* invoker = std::getenv("SUDO_UID");
  return invoker != nullptr && std::to_string(owner) == invoker;
}

struct Step {
  std::string path;
  struct stat status {};
};

/// Every folder, link and file that a path leads through, in order, as far as they are there: whoever can change one of
/// them decides what lies at its end. `fault` is what stopped it, or 0.
std::vector<Step> steps_of(const std::string& given, int& fault) {
  constexpr int most_links = 40;
  std::deque<std::string> left;
  for (const auto& part : fs::absolute(given)) left.push_back(part.string());
  std::vector<Step> steps;
  fs::path at;
  fault = 0;
  for (int links = 0; !left.empty();) {
    const std::string part = left.front();
    left.pop_front();
    if (part.empty() || part == ".") continue;
    at = part == ".." ? at.parent_path() : at / part;
    Step step{at.string()};
    if (lstat(at.c_str(), &step.status) != 0) return fault = errno, steps;
    steps.push_back(step);
    if (!S_ISLNK(step.status.st_mode)) continue;
    std::error_code error;
    const fs::path target = fs::read_symlink(at, error);
    if (error || ++links > most_links) return fault = error ? error.value() : ELOOP, steps;
    left.insert(left.begin(), target.begin(), target.end());
    at = target.is_absolute() ? fs::path() : at.parent_path();
  }
  return steps;
}

bool others_write(const Step& step, mode_t others) {
  return !S_ISLNK(step.status.st_mode) && (step.status.st_mode & others) != 0;
}

}  // namespace

std::string why_not_trusted(const std::string& path) {
  if (geteuid() != 0) return {};
  int fault = 0;
  const std::vector<Step> steps = steps_of(path, fault);
  if (fault != 0) return std::string("cannot be resolved: ") + std::strerror(fault);
  for (size_t i = steps.size(); i-- > 0;) {
    const Step& step = steps[i];
    if (!trusted_owner(step.status.st_uid)) return step.path + " belongs to another user; root does not run it";
    const bool sticky = S_ISDIR(step.status.st_mode) && (step.status.st_mode & S_ISVTX) != 0;
    if (others_write(step, S_IWGRP | S_IWOTH) && !sticky)
      return step.path + " can be written by others; root does not run it (chmod go-w)";
  }
  return {};
}

std::string why_not_searched(const std::string& folder) {
  int fault = 0;
  const std::vector<Step> steps = steps_of(folder, fault);
  if (fault != 0 && fault != ENOENT) return folder + " cannot be resolved: " + std::strerror(fault);
  const bool root = geteuid() == 0;
  const mode_t others = root ? S_IWGRP | S_IWOTH : S_IWOTH;  // a group of one's own is common among users
  for (size_t i = steps.size(); i-- > 0;) {
    const Step& step = steps[i];
    if (root && !trusted_owner(step.status.st_uid)) return step.path + " belongs to another user";
    // In a sticky folder nobody can exchange what is there, but anybody can add what is not.
    const bool sticky = i + 1 < steps.size() && (step.status.st_mode & S_ISVTX) != 0;
    if (others_write(step, others) && !sticky) return step.path + " can be written by others";
  }
  return {};
}

}  // namespace assay::catalog
