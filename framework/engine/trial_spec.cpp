#include "trial_spec.hpp"

#include "engine/confinement.hpp"

namespace assay::engine {

runner::Spec make_spec(const plan::PlannedTrial& trial, uint64_t seed, uint64_t most_file_bytes) {
  runner::Spec spec;
  spec.plugin = trial.plugin->path;
  spec.files = files_of(*trial.plugin);
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
  spec.confinement = confinement_of(*trial.plugin, *trial.test, trial.target);
  spec.confinement.file_bytes = most_file_bytes;
  if (most_file_bytes > 0) spec.target.attributes["scratch_bytes"] = std::to_string(most_file_bytes);
  return spec;
}

}  // namespace assay::engine
