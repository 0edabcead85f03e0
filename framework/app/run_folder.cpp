#include "run_folder.hpp"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
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

namespace assay::app {
namespace {

namespace fs = std::filesystem;
using core::BadInput;
using nlohmann::json;

void write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file)
    throw core::Trouble(path + " cannot be written: " + core::write_failure(errno) +
                        "; the journal holds the results: `assay report " + fs::path(path).parent_path().string() +
                        "` draws them again");
}

/// The machine as hwloc's lstopo draws it, for the report; where that program is not installed there is no picture.
void draw_topology(const std::string& folder) {
  if (const auto picture = output_of({"lstopo-no-graphics", "--of", "nativesvg", "--no-legend"}, 5, 256 * 1024))
    std::ofstream(folder + "/artifacts/topology.svg", std::ios::binary) << *picture;  // no run fails for a picture
}

}  // namespace

std::string make_folder(const RunOptions& options, const std::string& plan) {
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
  fs::create_directories(folder + "/artifacts", error);
  if (error)
    throw BadInput((options.out.empty() ? "the run's folder " : "--out ") + folder +
                   ": cannot be made: " + error.message() + (options.out.empty() ? "; name another with --out" : ""));
  // Whatever the user's mask says: what is resumed and signed must be nobody else's to change.
  fs::permissions(folder, fs::perms::group_write | fs::perms::others_write, fs::perm_options::remove, error);
  return folder;
}

void execute(const Setup& setup, const std::string& folder, const std::string& kernel_log,
             const journal::RunStart& start, journal::Writer& writer, engine::Observer& observer,
             const journal::Record* before) {
  for (const auto& refusal : setup.catalog.refusals())
    observer.warning("plugin " + refusal.path + " is refused: " + refusal.reason);
  engine::Settings settings{fs::absolute(folder).string(), setup.locations.runner, kernel_log, start.seed,
                            setup.consent};
  if (before == nullptr) engine::keep_consent(setup.resolved, setup.root, setup.consent, folder);
  if (before == nullptr) draw_topology(folder);
  Live live(folder, observer);
  engine::run(setup.resolved, setup.root, setup.machine, settings, start.signals, writer, live, before);
}

void end_journal(const std::string& folder, journal::Writer& writer) {
  // The last line needs the verdict, and the verdict needs a journal that has ended.
  journal::Record record = journal::read(folder);
  record.ended_at = "now";
  const journal::Conclusion last = journal::conclude(record);
  writer.run_end(record.start.rehearsal ? core::Result::none : last.result, last.complete);
}

Outcome close_run(const std::string& folder, const Signer& signer) {
  Outcome outcome{journal::read(folder), {}, true};
  outcome.conclusion = journal::conclude(outcome.record);
  try {
    const std::string json = journal::to_json(outcome.record, outcome.conclusion), hash = core::sha256(json);
    write_file(folder + "/record.json", json);
    reports::Extras extras;
    extras.trust = signer.trust(hash);
    extras.sheet = read_sheet(signer.config(), "");
    if (!signer.config().language.empty()) extras.language = signer.config().language;
    const std::string page =
        reports::html(reports::make_view(outcome.record, outcome.conclusion, journal::RunFiles(folder), extras));
    write_file(folder + "/report.html", signer.sealed(page, outcome.record, hash));
    signer.write_manifest(folder, outcome.record);
  } catch (const std::exception& trouble) {
    // The verdict stands in the journal, and is told all the same.
    complain("assay: %s\nassay: `assay resume %s` writes what is missing\n", trouble.what(),
             core::shell_word(folder).c_str());
    outcome.written = false;
  }
  return outcome;
}

bool is_closed(const std::string& folder, const Signer& signer) {
  std::error_code error;
  for (const char* name : {"/record.json", "/report.html"})
    if (!fs::exists(folder + name, error)) return false;
  return !signer.has_key() ||
         (fs::exists(folder + "/manifest.json", error) && fs::exists(folder + "/manifest.sig", error));
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
