// assay prove.
#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "core/text.hpp"
#include "journal/reader.hpp"
#include "output.hpp"
#include "progress.hpp"
#include "run_folder.hpp"

namespace assay::app {
namespace {

using nlohmann::json;

/// Tests that were asked for and offer no injection.
std::vector<std::string> tests_without_injection(const Setup& setup, const RunOptions& options) {
  std::vector<std::string> unproven;
  for (const auto& plugin : setup.catalog.plugins())
    for (const auto& test : plugin.manifest.tests) {
      bool selected = options.only.empty();
      for (const auto& glob : options.only) selected = selected || core::matches_glob(glob, test.id);
      if (selected && test.injections.empty()) unproven.push_back(test.id);
    }
  return unproven;
}

void tell_as_json(const journal::Conclusion& conclusion, const std::vector<std::string>& unproven, bool all,
                  const std::string& folder) {
  json list = json::array();
  for (const auto& p : conclusion.proofs)
    list.push_back({{"test", p.test},
                    {"injection", p.injection},
                    {"proven", p.proven()},
                    {"detected", p.detected},
                    {"control_passed", p.control_passed},
                    {"sick", p.sick},
                    {"stand_in", p.stand_in},
                    {"reason", p.reason}});
  json gaps = json::array();
  for (const auto& n : conclusion.not_tested)
    gaps.push_back({{"test", n.test}, {"category", n.category}, {"reason", n.reason}});
  const json whole{{"proven", conclusion.proven()},
                   {"total", conclusion.proofs.size()},
                   {"all", all},
                   {"proofs", list},
                   {"not_tried", gaps},
                   {"without_injection", unproven},
                   {"folder", folder}};
  say_json(whole);
}

void tell_as_text(const journal::Conclusion& conclusion, const std::vector<std::string>& unproven) {
  for (const auto& p : conclusion.proofs)
    if (!p.proven()) say("Not proven: %s %s: %s\n", p.test.c_str(), p.injection.c_str(), p.reason.c_str());
  for (const auto& n : conclusion.not_tested)
    say("Not tried: %s: %s: %s\n", n.test.c_str(), n.category.c_str(), n.reason.c_str());
  for (const auto& id : unproven) say("Unproven: %s offers no injection\n", id.c_str());
  // What cannot be told on a sick machine is no proof that failed.
  const auto sick =
      std::count_if(conclusion.proofs.begin(), conclusion.proofs.end(), [](const auto& p) { return p.sick; });
  const std::ptrdiff_t told = std::ssize(conclusion.proofs) - sick;
  if (told > 0 || sick == 0) say("Shown able to fail: %d of %td.\n", conclusion.proven(), told);
  if (sick > 0) say("Could not be told, since the machine itself fails these tests: %td.\n", sick);
}

}  // namespace

int prove(const RunOptions& options) {
  const Signer signer;  // first: what is wrong with the station is told before hours are spent
  const Setup setup = prepare(options, nullptr, true);
  // Before anything is made: what cannot be recorded must not leave half a folder.
  const journal::RunStart start = make_start(setup, choose_seed(options));
  const core::DurableFolder folder = make_folder(options, "prove");
  journal::Writer writer = journal::Writer::create(folder, signer.tie(start.run_id));
  writer.run_start(start);
  engine::Observer silent;
  const auto progress = make_progress(false);
  if (!options.json)
    say("%s: about %s. Writing to %s\n", core::in_language(setup.resolved.title, "en").c_str(),
        core::format_duration(setup.resolved.seconds).c_str(), folder.name().c_str());
  const HeldSignals held;
  execute(setup, folder, options.kernel_log, start, writer, options.json ? silent : *progress, nullptr,
          signer.seal(start.run_id));
  end_journal(writer);
  const auto [record, conclusion, written] = close_run(folder, writer.text(), signer);

  const std::vector<std::string> unproven = tests_without_injection(setup, options);
  // The kernel's log is nothing that a proof rests on.
  const bool tried = std::all_of(conclusion.not_tested.begin(), conclusion.not_tested.end(),
                                 [](const auto& gap) { return gap.test.empty(); });
  bool all = unproven.empty() && !record.stopped_by_user && tried && !conclusion.proofs.empty();
  for (const auto& proof : conclusion.proofs) all = all && proof.proven();
  if (options.json)
    tell_as_json(conclusion, unproven, all, folder.name());
  else
    tell_as_text(conclusion, unproven);
  if (record.stopped_by_user) return static_cast<int>(core::ExitCode::interrupted);
  return static_cast<int>(all ? core::ExitCode::pass : core::ExitCode::incomplete);
}

}  // namespace assay::app
