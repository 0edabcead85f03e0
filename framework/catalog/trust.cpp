#include "catalog/trust.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace assay::catalog {
namespace {

bool trusted_owner(uid_t owner) {
  if (owner == 0) return true;
  const char* invoker = std::getenv("SUDO_UID");
  return invoker != nullptr && std::to_string(owner) == invoker;
}

}  // namespace

std::string why_not_trusted(const std::string& path) {
  if (geteuid() != 0) return {};
  std::error_code error;
  std::filesystem::path place = std::filesystem::canonical(path, error);
  if (error) return "cannot be resolved: " + error.message();
  for (bool is_file = true;; is_file = false, place = place.parent_path()) {
    struct stat status {};
    if (stat(place.c_str(), &status) != 0) return place.string() + " cannot be examined";
    if (!trusted_owner(status.st_uid)) return place.string() + " belongs to another user; root does not run it";
    const bool open_to_others = (status.st_mode & (S_IWGRP | S_IWOTH)) != 0;
    const bool sticky = !is_file && (status.st_mode & S_ISVTX) != 0;
    if (open_to_others && !sticky)
      return place.string() + " can be written by others; root does not run it (chmod go-w)";
    if (place == place.root_path()) return {};
  }
}

}  // namespace assay::catalog
