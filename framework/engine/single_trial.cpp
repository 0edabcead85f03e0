#include "engine/single_trial.hpp"

#include <fcntl.h>

#include "core/clock.hpp"
#include "core/errors.hpp"
#include "inventory/system_root.hpp"
#include "orphans.hpp"
#include "supervised.hpp"
#include "target_device.hpp"

namespace assay::engine {

Evidence run_single(const SingleTrial& trial) {
  adopt_orphans();
  const core::UniqueFd folder(open(trial.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) throw core::Trouble(trial.folder + " is not there");
  // A stand-in has none, and then the plugin says what that means.
  const inventory::SystemRoot machine;
  const TargetDevice device = TargetDoor(machine, {}, "").open(trial.spec.target, catalog::Effect::observe);
  const std::string id = "check-" + std::to_string(getpid());
  Supervised supervised(id, runner::Process::start(trial.runner, trial.spec, {folder.get(), -1, device.fd.get()}, id),
                        trial.folder, trial.time_limit);
  supervised.on_frame(trial.on_frame);
  bool asked = false;
  while (!supervised.ended()) {
    auto fds = supervised.descriptors();
    poll(fds.data(), fds.size(), 20);
    supervised.read(fds);
    supervised.tick();
    if (trial.cancel_after >= 0 && !asked && supervised.seconds() >= trial.cancel_after)
      asked = true, supervised.end_its_time();
  }
  return supervised.evidence();
}

}  // namespace assay::engine
