#include "engine/fence_gaps.hpp"

#include <sstream>

#include "core/errors.hpp"
#include "engine/single_trial.hpp"

namespace assay::engine {
namespace {

const FenceGap known[] = {
    {"namespaces",
     "Linux gives no namespaces here: a plugin sees the machine's processes, network and files, and is held by its "
     "user, landlock and the filter for calls alone",
     false},
    {"view",
     "a plugin sees the machine's own files, as far as landlock and its user let it read them (below a changed root "
     "Linux makes no file tree of its own)",
     false},
    {"network", "Linux gives no network of its own here: plugins get none, not even a loopback", false},
    {"proc", "a plugin sees the machine's /proc (this container hides parts of it)", false},
    {"user", "plugins run as the user who started Assay, not as users of their own (only root can give them one)",
     true},
    {"landlock", "this Linux has no landlock: files are held back by the plugin's user and its file tree alone", false},
    {"landlock-truncate",
     "this Linux has an early landlock, which does not watch truncating: the plugin's user and the filter for calls do",
     true},
    {"calls", "this Linux has no filter for system calls", false}};

}  // namespace

std::vector<FenceGap> fence_gaps_named(const std::string& names) {
  std::vector<FenceGap> gaps;
  std::istringstream words(names);
  for (std::string name; words >> name;) {
    FenceGap gap{name, name + " is missing", false};
    for (const FenceGap& other : known)
      if (other.part == name) gap = other;
    gaps.push_back(gap);
  }
  return gaps;
}

std::vector<FenceGap> fence_gaps(const std::string& runner, const std::string& folder) {
  SingleTrial trial{runner, folder, {}};
  trial.spec.mode = runner::Mode::probe;
  std::string missing;
  trial.on_frame = [&](const runner::Frame& frame) {
    if (frame.kind == runner::Frame::Kind::phase && frame.key == "confined") missing = frame.text;
  };
  const Evidence evidence = run_single(trial);
  if (!evidence.errors.empty()) throw core::Trouble("plugins cannot be fenced in here: " + evidence.errors.front());
  return fence_gaps_named(missing);
}

}  // namespace assay::engine
