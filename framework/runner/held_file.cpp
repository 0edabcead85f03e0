#include "held_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <map>
#include <mutex>

#include "core/errors.hpp"
#include "core/hash.hpp"
#include "core/text.hpp"
#include "core/unique_fd.hpp"

namespace assay::runner {
namespace {

constexpr size_t most_bytes = size_t{1} << 30;

core::UniqueFd copy_of(const SpecFile& file) {
  const auto bytes = core::read_file(file.path, most_bytes);
  if (!bytes) throw core::Trouble(file.path + " cannot be read any more");
  if (!file.sha256.empty() && core::sha256(*bytes) != file.sha256)
    throw core::Trouble(file.path +
                        " was exchanged since it was looked at: begin a new run, and look at it first "
                        "(assay plugin inspect)");
  core::UniqueFd copy(memfd_create("plugin", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!copy || write(copy.get(), bytes->data(), bytes->size()) != static_cast<ssize_t>(bytes->size()) ||
      fcntl(copy.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
    throw core::Trouble("no memory for " + file.path);
  return copy;
}

}  // namespace

int held_file(const SpecFile& file) {
  static std::mutex lock;
  static std::map<std::pair<std::string, std::string>, core::UniqueFd> held;
  const std::lock_guard guard(lock);
  core::UniqueFd& copy = held[{file.path, file.sha256}];
  if (!copy) copy = copy_of(file);
  return copy.get();
}

}  // namespace assay::runner
