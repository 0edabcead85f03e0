#include "trial_spec.hpp"

#include <glob.h>

namespace assay::engine {
namespace {

/// Address space of a test that does not ask for most of the memory, in bytes.
constexpr uint64_t little_memory = uint64_t{1} << 30;

std::vector<std::string> expand(const std::vector<std::string>& patterns) {
  std::vector<std::string> paths;
  for (const std::string& pattern : patterns) {
    glob_t found{};
    if (glob(pattern.c_str(), 0, nullptr, &found) == 0)
      paths.insert(paths.end(), found.gl_pathv, found.gl_pathv + found.gl_pathc);
    globfree(&found);
  }
  return paths;
}

}  // namespace

runner::Spec make_spec(const plan::PlannedTrial& trial, uint64_t seed, uint64_t most_file_bytes) {
  runner::Spec spec;
  spec.plugin = trial.plugin->path;
  spec.test = trial.test->id;
  spec.target = trial.target;
  spec.seed = seed;
  spec.injection = trial.injection;
  if (trial.target.kind == "core" && !trial.target.stand_in) spec.core = std::stoi(trial.target.attribute("os_index"));
  for (const auto& declared : trial.test->parameters) {
    const bool number = declared.type == catalog::ParameterType::integer ||
                        declared.type == catalog::ParameterType::real ||
                        declared.type == catalog::ParameterType::duration;
    spec.parameters.push_back(
        {declared.key, trial.parameters.at(declared.key), number, declared.min, declared.max, declared.choices});
  }
  spec.confinement.address_space = trial.test->needs_most_memory ? 0 : little_memory;
  if (most_file_bytes > 0) spec.target.attributes["scratch_bytes"] = std::to_string(most_file_bytes);
  spec.confinement.file_bytes = most_file_bytes;
  spec.confinement.processes = trial.test->needs_processes;
  spec.confinement.devices = expand(trial.test->devices);
  return spec;
}

}  // namespace assay::engine
