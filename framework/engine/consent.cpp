#include "engine/consent.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>

#include "consented.hpp"
#include "core/apart.hpp"
#include "core/errors.hpp"
#include "looking.hpp"
#include "plan/target_names.hpp"

namespace assay::engine {
namespace {

constexpr double patience = 60;  // seconds, as for a trial

bool may_overwrite(const plan::PlannedTrial& trial) {
  return trial.test->effect == catalog::Effect::destructive && !trial.target.stand_in &&
         !trial.target.attribute("path").empty();
}

struct Look {
  std::optional<Thing> thing;
  std::string why_not;
  bool gone = false;
};

Look look_apart(const inventory::SystemRoot& root, const core::Target& target) {
  const auto brought = core::do_apart(patience, [&]() -> core::Brought {
    const core::UniqueFd fd(open(target.attribute("path").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    struct stat status {};
    if (!fd) return {"!" + std::to_string(errno), {}};
    if (fstat(fd.get(), &status) != 0 || (!S_ISBLK(status.st_mode) && !S_ISREG(status.st_mode)))
      return {"!" + std::to_string(ENOTBLK), {}};
    return {to_text(look_at(root, fd.get())), {}};
  });
  if (!brought) return {std::nullopt, "it did not answer"};
  if (brought->text.rfind('!', 0) == 0) {
    const int fault = std::stoi(brought->text.substr(1));
    return {std::nullopt, std::strerror(fault),
            fault == ENOENT || fault == ENXIO || fault == ENODEV || fault == ENOMEDIUM};
  }
  const auto thing = thing_of(brought->text);
  return {thing, thing ? "" : "it does not tell what it is"};
}

/// What the plan's own look, a moment ago, knows of it.
std::string why_not_planned(const core::Target& target, const Thing& thing) {
  const std::string bytes = target.attribute("bytes");
  const bool same = thing.serial == target.attribute("serial") &&
                    (bytes.empty() || bytes == "0" || bytes == std::to_string(thing.bytes));
  return same ? "" : "it was exchanged while the plan was made";
}

bool is_done(const plan::PlannedStage& stage, const plan::PlannedTrial& planned, const journal::Record& before) {
  return !stage.repeat && std::any_of(before.trials.begin(), before.trials.end(), [&](const journal::Trial& trial) {
    return trial.end && trial.end->category != "interrupted" && trial.start.stage == stage.id &&
           trial.start.entry == planned.entry && trial.start.test == planned.test->id &&
           trial.start.target.id == planned.target.id && trial.start.purpose == planned.purpose;
  });
}

}  // namespace

void keep_consent(const plan::ResolvedPlan& plan, const inventory::SystemRoot& root, const core::Consent& consent,
                  const std::string& folder, const core::RunSeal& seal) {
  Consented consented(folder + "/consent.json", seal);
  for (const auto& stage : plan.stages)
    for (const auto& trial : stage.trials) {
      if (!may_overwrite(trial) || consented.find(trial.target.id) != nullptr) continue;
      if (!consented.put(trial.target.id, look_for_consent(root, trial.target, consent)))
        throw core::Trouble(consented.file() + " cannot be written, so nobody would know what may be overwritten");
    }
}

ConsentedThing look_for_consent(const inventory::SystemRoot& root, const core::Target& target,
                                const core::Consent& consent) {
  ConsentedThing known;
  const Look look = look_apart(root, target);
  known.why_not = look.thing ? why_not_planned(target, *look.thing) : look.why_not;
  if (look.thing) known.thing = *look.thing;
  known.given_up = std::any_of(consent.erase.begin(), consent.erase.end(),
                               [&](const std::string& name) { return plan::is_given_up_as(target, name); });
  return known;
}

void check_consent(const plan::ResolvedPlan& plan, const inventory::SystemRoot& root, const journal::Record& before,
                   const std::string& folder, const core::RunSeal& seal) {
  const Consented consented(folder + "/consent.json", seal);
  std::set<std::string> seen;
  for (const auto& stage : plan.stages)
    for (const auto& trial : stage.trials) {
      if (!may_overwrite(trial) || is_done(stage, trial, before) || !seen.insert(trial.target.id).second) continue;
      const std::string path = trial.target.attribute("path");
      const std::string again = "; to overwrite it as it is now begin a new run: `assay run PLAN --target " + path +
                                " --allow destructive --backup made`, and `--erase NAME` where anything is on it";
      if (!consented.why_not().empty())
        throw core::BadInput(consented.file() + " " + consented.why_not() + ", so nobody can tell what of " + path +
                             " may be overwritten" + again);
      const Look look = look_apart(root, trial.target);
      if (look.gone) continue;
      const ConsentedThing* known = consented.find(trial.target.id);
      if (known == nullptr) throw core::BadInput(path + " was not looked at when overwriting was allowed" + again);
      if (!known->why_not.empty() || !look.thing) continue;  // its trial tells
      if (const std::string changed = what_changed(known->thing, *look.thing, known->opened); !changed.empty())
        throw core::BadInput(path + " is not what it was when overwriting was allowed: " + changed + again);
      if (const std::string unsure = why_not_shown(known->thing, *look.thing, known->opened); !unsure.empty())
        throw core::BadInput("the machine was restarted, and nobody can tell that " + path +
                             " is still what may be overwritten: " + unsure + again);
    }
}

}  // namespace assay::engine
