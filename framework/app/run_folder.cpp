#include "run_folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "case_sheet.hpp"
#include "core/clock.hpp"
#include "core/errors.hpp"
#include "core/input.hpp"
#include "core/text.hpp"
#include "engine/consent.hpp"
#include "journal/reader.hpp"
#include "live.hpp"
#include "output.hpp"
#include "program.hpp"
#include "reports/view.hpp"
#include "sealing.hpp"
#include "station/config.hpp"
#include "station/manifest.hpp"
#include "station/promises.hpp"
#include "tied.hpp"

namespace assay::app {
namespace {

namespace fs = std::filesystem;
using core::BadInput;
using nlohmann::json;

constexpr auto not_tied = reports::Trust::Unsigned::not_tied;

/// The machine as hwloc's lstopo draws it, for the report; where that program is not installed there is no picture.
void draw_topology(const core::DurableFolder& folder) {
  const auto picture = output_of({"lstopo-no-graphics", "--of", "nativesvg", "--no-legend"}, 5, 256 * 1024);
  if (!picture) return;
  try {
    core::DurableFolder(folder.path() + "/artifacts").write("topology.svg", *picture);
  } catch (const std::exception&) {  // no run fails for a picture
  }
}

/// What a host that was killed left half-written or passing.
void sweep(const core::DurableFolder& folder) {
  for (const char* file : {"live.json", "record.json", "report.html", "manifest.json", "manifest.sig"})
    folder.sweep(file);
  folder.remove("live.json");
  core::DurableFolder(folder.path() + "/artifacts").sweep("topology.svg");
}

}  // namespace

core::DurableFolder make_folder(const RunOptions& options, const std::string& plan) {
  std::string folder = options.out;
  if (folder.empty()) {
    std::string stamp = core::timestamp(core::wall_ns()).substr(0, 19);
    for (char& c : stamp)
      if (c == ':') c = '-';
    folder = "assay-runs/" + stamp + "-" + plan;
  }
  // Names go into the journal, into pages and onto terminals: one that these cannot show is none for a run.
  if (!core::is_plain(folder))
    throw BadInput("--out " + folder + ": holds characters that cannot be shown; give the folder another name");
  std::error_code error;
  if (fs::exists(folder, error)) throw BadInput("--out " + folder + ": exists already; a run needs a new folder");
  core::make_durable_folders(folder, options.out.empty() ? "the run's folder (name another with --out) " : "--out ");
  core::DurableFolder made(folder);
  if (mkdirat(made.fd(), "artifacts", 0755) != 0)
    throw BadInput(folder + "/artifacts cannot be made: " + std::strerror(errno));
  // Whatever the user's mask says: what is resumed and signed must be nobody else's to change.
  struct stat status {};
  if (fstat(made.fd(), &status) == 0) fchmod(made.fd(), status.st_mode & 07755);
  return made;
}

void execute(const Setup& setup, const core::DurableFolder& folder, const std::string& kernel_log,
             const journal::RunStart& start, journal::Writer& writer, engine::Observer& observer,
             const journal::Record* before, const core::RunSeal& seal) {
  for (const auto& refusal : setup.catalog.refusals())
    observer.warning("plugin " + refusal.path + " is refused: " + refusal.reason);
  engine::Settings settings{
      fs::absolute(folder.name()).string(), setup.locations.runner, kernel_log, start.seed, setup.consent, seal};
  if (before == nullptr) engine::keep_consent(setup.resolved, setup.root, setup.consent, settings.folder, seal);
  if (before == nullptr) draw_topology(folder);
  Live live(folder.name(), observer);
  engine::run(setup.resolved, setup.root, setup.machine, settings, start.signals, writer, live, before);
}

void end_journal(journal::Writer& writer) {
  // The last line needs the verdict, and the verdict needs a journal that has ended.
  journal::Record record = journal::fold(writer.text(), "the journal");
  record.ended_at = "now";
  const journal::Conclusion last = journal::conclude(record);
  writer.run_end(record.start.rehearsal ? core::Result::none : last.result, last.complete);
}

Outcome close_run(const core::DurableFolder& folder, const std::string& journal, const Signer& signer) {
  const std::string name = folder.name() + "/journal.jsonl";
  Outcome outcome{journal::fold(journal, name), {}, true};
  outcome.conclusion = journal::conclude(outcome.record);
  try {
    const bool ours = look_at_chain(name, journal::check_chain(journal), outcome.record.start.run_id, signer).ours;
    station::remove_signature(folder);
    sweep(folder);
    const std::string json = journal::to_json(outcome.record, outcome.conclusion), hash = core::sha256(json);
    folder.write("record.json", json);
    reports::Extras extras;
    extras.trust = ours || !signer.has_key() ? signer.trust(hash) : reports::Trust{"", "", hash, not_tied};
    extras.sheet = read_sheet(signer.config(), "");
    if (!signer.config().language.empty()) extras.language = signer.config().language;
    const std::string page =
        reports::html(reports::make_view(outcome.record, outcome.conclusion, journal::RunFiles(folder.path()), extras));
    folder.write("report.html", ours ? signer.sealed(page, outcome.record, hash) : page);
    if (ours) signer.write_manifest(folder, outcome.record);
    if (ours) station::remember_sealed(station::folder(), outcome.record.start.run_id);
  } catch (const std::exception& trouble) {
    // The verdict stands in the journal, and is told all the same.
    complain("assay: %s\nassay: `assay resume %s` writes what is missing\n", trouble.what(),
             core::shell_word(folder.name()).c_str());
    outcome.written = false;
  }
  return outcome;
}

bool is_closed(const core::DurableFolder& folder, bool is_signed) {
  const auto is_there = [&folder](const char* file) {
    struct stat status {};
    return fstatat(folder.fd(), file, &status, AT_SYMLINK_NOFOLLOW) == 0;
  };
  return is_there("record.json") && is_there("report.html") &&
         (!is_signed || (is_there("manifest.json") && is_there("manifest.sig")));
}

int tell_outcome(const Outcome& outcome, const std::string& folder, bool as_json) {
  const reports::View view = reports::make_view(outcome.record, outcome.conclusion, journal::RunFiles(""), {});
  if (as_json) {
    say_json(json{{"event", "end"},
                  {"result", core::name(outcome.conclusion.result)},
                  {"complete", outcome.conclusion.complete},
                  {"exit_code", static_cast<int>(outcome.conclusion.exit_code)},
                  {"folder", folder}},
             -1);
  } else {
    for (const std::string* words : {&view.rehearsal, &view.narrowed})
      if (!words->empty()) say("\n%s", words->c_str());
    say("\n%s: %s\n%s\n", view.verdict.word.c_str(), view.headline.c_str(), view.proof.c_str());
    for (const auto& f : view.findings)
      say("  %s: %s: %s %s\n", f.state.word.c_str(), f.title.c_str(), f.text.c_str(), f.seen.c_str());
    for (const auto& t : view.troubles) say("  Trouble: %s: %s\n", t.what.c_str(), t.reason.c_str());
    for (const auto& n : view.not_tested) say("  Not tested: %s: %s\n", n.what.c_str(), n.why.c_str());
    say("Took %s, estimated %s.\n", core::format_duration(outcome.record.seconds).c_str(),
        core::format_duration(outcome.record.start.planned_seconds).c_str());
    if (outcome.written) say("Report: %s/report.html\n", folder.c_str());
  }
  std::fflush(stdout);
  const core::ExitCode code = outcome.conclusion.exit_code;
  return static_cast<int>(outcome.written || code != core::ExitCode::pass ? code : core::ExitCode::incomplete);
}

}  // namespace assay::app
