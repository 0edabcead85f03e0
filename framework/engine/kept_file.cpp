#include "kept_file.hpp"

#include <fcntl.h>

#include <filesystem>

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
  return core::UniqueFd(open((folder + "/" + name).c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
}

}  // namespace assay::engine
