#include "kept_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>

#include "artifacts.hpp"
#include "core/text.hpp"

namespace assay::engine {

core::UniqueFd open_kept_file(const std::string& run_folder, const Pending& pending) {
  const plan::PlannedTrial& trial = *pending.trial;
  if (!trial.test->needs.kept || !trial.injection.empty() || pending.purpose != core::Purpose::test) return {};
  std::string parameters;
  for (const auto& declared : trial.test->parameters)
    if (declared.type != catalog::ParameterType::duration)
      parameters += declared.key + "=" + core::to_text(trial.parameters.at(declared.key)) + "\n";
  const std::string folder = run_folder + "/kept";
  std::error_code error;
  std::filesystem::create_directory(folder, error);
  const std::string name = trial.test->id + "-" + core::sha256(trial.target.id + "\n" + parameters).substr(0, 16);
  core::UniqueFd file(
      open((folder + "/" + name).c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644));
  if (file) bound_kept_file(file.get());  // an earlier part of the run may have been cut off before it came to that
  return file;
}

bool bound_kept_file(int file) {
  struct stat status {};
  if (fstat(file, &status) != 0 || static_cast<uint64_t>(status.st_size) <= ArtifactLimits{}.file_bytes) return true;
  return ftruncate(file, 0) != 0;
}

}  // namespace assay::engine
