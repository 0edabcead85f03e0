#include "station/promises.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "core/text.hpp"

namespace assay::station {
namespace {

constexpr size_t number_digits = 20, hash_digits = 64;

/// Nothing when the id is none that a run of ours has: it becomes a file's name.
std::string path_of(const std::string& folder, const std::string& run_id) {
  const bool plain = run_id.size() == 16 && run_id.find_first_not_of("0123456789abcdef") == std::string::npos;
  return plain ? folder + "/runs/" + run_id : "";
}

}  // namespace

Promises::Promises(const std::string& folder, const std::string& run_id) {
  const std::string path = path_of(folder, run_id);
  if (path.empty()) return;
  mkdir((folder + "/runs").c_str(), 0700);
  file_.reset(open(path.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
}

/// In place and in one piece: a kill leaves the former or this one.
void Promises::keep(uint64_t number, const std::string& hash) const {
  if (!file_ || hash.size() != hash_digits) return;
  char line[number_digits + hash_digits + 3];
  const int size =
      std::snprintf(line, sizeof line, "%020llu %s\n", static_cast<unsigned long long>(number), hash.c_str());
  // What cannot be kept is not remembered; the journal itself is the promise.
  if (pwrite(file_.get(), line, static_cast<size_t>(size), 0) != size) return;
}

std::optional<Promised> Promises::of(const std::string& folder, const std::string& run_id) {
  const std::string path = path_of(folder, run_id);
  const std::string line = path.empty() ? "" : core::read_file(path, 200).value_or("");
  if (line.size() != number_digits + hash_digits + 2 || line[number_digits] != ' ') return std::nullopt;
  const std::string number = line.substr(0, number_digits);
  if (number.find_first_not_of("0123456789") != std::string::npos || number > "00999999999999999999")
    return std::nullopt;
  return Promised{std::stoull(number), line.substr(number_digits + 1, hash_digits)};
}

void remember_sealed(const std::string& folder, const std::string& run_id) {
  const std::string path = path_of(folder, run_id);
  if (path.empty()) return;
  const core::UniqueFd mark(open((path + ".sealed").c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
}

bool was_sealed(const std::string& folder, const std::string& run_id) {
  const std::string path = path_of(folder, run_id);
  return !path.empty() && access((path + ".sealed").c_str(), F_OK) == 0;
}

}  // namespace assay::station
